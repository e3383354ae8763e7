"""An announcement, and what is typed to make one."""

from datetime import datetime

from odmantic import Field, Model, ObjectId
from pymongo import DESCENDING, IndexModel

from schema.inputs import Body, Input, Line
from schema.times import utc_now

UNSUBSCRIBE = "/unsubscribe/"
"""Where the API takes users off the list, before their ids."""


class Announcement(Model):
    """What every user is told who had an account at `created_at`.

    Their letters are owed in the order of their ids: up to `reached` they are, and they are `owed` many.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    author_id: ObjectId
    subject: str
    body: str
    reached: ObjectId | None = None
    owed: int = 0
    created_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "announcements",
        # it also has the collection made at the start, and not by the first transactions, which would collide
        "indexes": lambda: [IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="newest")],
    }


class NewAnnouncement(Input):
    """What somebody wants everybody to read."""

    subject: Line
    body: Body
