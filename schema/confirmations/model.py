"""A token sent by e-mail, of which only the hash is kept."""

from datetime import datetime, timedelta
from enum import StrEnum

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, IndexModel


class Purpose(StrEnum):
    """What a token is good for."""

    EMAIL_VERIFY = "EMAIL_VERIFY"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  (no password)


LIFETIME = {Purpose.EMAIL_VERIFY: timedelta(days=2), Purpose.PASSWORD_RESET: timedelta(hours=1)}
"""How long a token may be used after it was sent."""


class Confirmation(Model):
    """One token, by its SHA-256. MongoDB removes it when it expires."""

    id: str = Field(primary_field=True)
    user_id: ObjectId
    purpose: Purpose
    expires_at: datetime

    model_config = {
        "collection": "confirmations",
        "indexes": lambda: [
            IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
            IndexModel([("user_id", ASCENDING), ("purpose", ASCENDING)], name="user_purpose"),
        ],
    }
