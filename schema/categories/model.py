"""A category: a place in the tree of the catalogue."""

from datetime import datetime

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, IndexModel

from schema.inputs import Input, Line, Slug
from schema.times import utc_now

MAX_DEPTH = 8
"""How many categories may stand above one another."""


class Category(Model):
    """A category. `ancestor_ids` are the categories above it, the root first; it never moves, so they never change."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    name: str
    slug: str
    parent_id: ObjectId | None = None
    ancestor_ids: list[ObjectId] = []
    created_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "categories",
        "indexes": lambda: [
            IndexModel([("slug", ASCENDING)], name="slug", unique=True),
            IndexModel([("name", ASCENDING), ("_id", ASCENDING)], name="by_name"),
            IndexModel([("parent_id", ASCENDING), ("name", ASCENDING), ("_id", ASCENDING)], name="parent_by_name"),
        ],
    }


class NewCategory(Input):
    """What an administrator says of a new category."""

    name: Line
    slug: Slug | None = None
    parent_id: ObjectId | None = None
