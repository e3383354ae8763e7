"""A person's account."""

from datetime import datetime

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, IndexModel

from schema.inputs import EmailAddress, Input, Line, Password
from schema.times import utc_now


class User(Model):
    """An account. `email_key` is the address in lower case: one account for each, however it is typed."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    email: str
    email_key: str
    name: str
    password_hash: str
    created_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "users",
        "indexes": lambda: [IndexModel([("email_key", ASCENDING)], name="email_key", unique=True)],
    }


class SignUp(Input):
    """What a sign-up asks for."""

    email: EmailAddress
    password: Password
    name: Line
