"""A product of the catalogue."""

from datetime import datetime
from typing import Annotated

from odmantic import Field, Model, ObjectId
from pydantic import Field as Bounded
from pymongo import ASCENDING, IndexModel

from schema.inputs import Input, Line, Slug, Text
from schema.money.model import Money, MoneyAmount
from schema.times import utc_now

MOST_IMAGES = 20
"""Pictures one product has at most."""

Stock = Annotated[int, Bounded(ge=0, le=1_000_000_000)]
"""Pieces that can be sold."""

_FOUND_BY = [("terms", ASCENDING), ("is_archived", ASCENDING), ("in_stock", ASCENDING)]
"""What every list of products compares by equality, before what it is sorted by."""

_PRICE = ("price.amount", ASCENDING)
"""At the end of the other indexes it lets a range of prices be checked without reading the products."""


class Product(Model):
    """A product. It is never deleted, only archived: orders go on naming it.

    `terms` are what it is found by (see `schema/products/search/terms.py`); `words`, `name_key` (its name as it is
    compared and sorted) and `place_ids` (its category and all above that) are what filters look at; `in_stock` says
    whether `stock` is above 0. They follow from the other fields, and are written with them.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    name: str
    name_key: str
    slug: str
    description: str = ""
    price: Money
    stock: int
    in_stock: bool
    category_id: ObjectId
    image_ids: list[ObjectId] = []
    place_ids: list[ObjectId]
    is_archived: bool = False
    archived_at: datetime | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    words: list[str]
    terms: list[str]

    model_config = {
        "collection": "products",
        "indexes": lambda: [
            IndexModel([("slug", ASCENDING)], name="slug", unique=True),
            IndexModel([*_FOUND_BY, ("created_at", ASCENDING), ("_id", ASCENDING), _PRICE], name="by_creation"),
            IndexModel([*_FOUND_BY, ("name_key", ASCENDING), ("_id", ASCENDING), _PRICE], name="by_name"),
            IndexModel([*_FOUND_BY, _PRICE, ("_id", ASCENDING)], name="by_price"),
        ],
    }


class NewProduct(Input):
    """What an administrator says of a new product."""

    name: Line
    slug: Slug | None = None
    description: Text = ""
    price: MoneyAmount
    stock: Stock = 0
    category_id: ObjectId


class ProductChanges(Input):
    """What an administrator changes of a product: what is left out stays."""

    name: Line | None = None
    slug: Slug | None = None
    description: Text | None = None
    price: MoneyAmount | None = None
    stock: Stock | None = None
    category_id: ObjectId | None = None
