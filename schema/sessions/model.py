"""A signed-in device, and the chain of refresh tokens that keeps it so."""

from datetime import datetime, timedelta

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from schema.inputs import EmailAddress, Input, Secret
from schema.times import utc_now

LIFETIME = timedelta(days=60)
"""How long a session lives without being used."""

GRACE = timedelta(seconds=10)
"""How long after its use a refresh token may be used again: two tabs of a browser race for it."""


TABS = 5
"""How often it may be used within that time, as long as none of the tokens it gave was used."""


class Session(Model):
    """One device of one user, from sign-in to sign-out."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    user_id: ObjectId
    device: str
    ip: str
    created_at: datetime = Field(default_factory=utc_now)
    last_used_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime = Field(default_factory=lambda: utc_now() + LIFETIME)
    ended_at: datetime | None = None

    model_config = {
        "collection": "sessions",
        "indexes": lambda: [
            IndexModel([("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="user_newest"),
            IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
        ],
    }


class RefreshToken(Model):
    """One link of a session's chain, by its SHA-256. `used_at` is set by its first use, which makes the next link.

    `is_succeeded` says that a next link was used: from then on this one is worth nothing, whatever the grace.
    """

    id: str = Field(primary_field=True)
    session_id: ObjectId
    user_id: ObjectId
    parent: str | None = None
    used_at: datetime | None = None
    uses: int = 0
    is_succeeded: bool = False
    expires_at: datetime = Field(default_factory=lambda: utc_now() + LIFETIME)

    model_config = {
        "collection": "refresh_tokens",
        "indexes": lambda: [IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)],
    }


class SignIn(Input):
    """What a sign-in asks for. A password of any length is compared, so that old rules lock nobody out."""

    email: EmailAddress
    password: Secret
