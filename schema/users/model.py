"""A person's account."""

from datetime import datetime

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from schema.access import Role
from schema.inputs import Input, Line, Prefix
from schema.times import utc_now


class User(Model):
    """An account. `email_key` is the address in lower case: one account for each, however it is typed.

    Sessions begun before `sessions_ended_at` are over, all at once. `changes_made` counts what an administrator did to
    others: the write makes two who demote each other collide, so that one is left. Who has
    `unsubscribed_at` some time gets no announcements.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    email: str
    email_key: str
    name: str
    password_hash: str
    role: Role = Role.USER
    created_at: datetime = Field(default_factory=utc_now)
    verified_at: datetime | None = None
    deactivated_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    sessions_ended_at: datetime | None = None
    last_signed_in_at: datetime | None = None
    changes_made: int = 0

    model_config = {
        "collection": "users",
        "indexes": lambda: [
            IndexModel([("email_key", ASCENDING)], name="email_key", unique=True),
            IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel([("role", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="role_newest"),
        ],
    }


class UserFilter(Input):
    """Which users an administrator looks for."""

    email_starts_with: Prefix | None = None
    role: Role | None = None
    is_deactivated: bool | None = None


class UserChanges(Input):
    """What people may change about themselves."""

    name: Line
