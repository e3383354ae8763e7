"""An order, and what is typed to place one."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from odmantic import EmbeddedModel, Field, Model, ObjectId
from pydantic import Field as Bounded
from pymongo import ASCENDING, DESCENDING, IndexModel

from schema.inputs import Input, Key
from schema.money.model import Money
from schema.times import utc_now

MOST_LINES = 100
"""Different products in one order, at most."""

MOST_PIECES = 10_000
"""Pieces of one product in one order, at most."""

_NEWEST = (("created_at", DESCENDING), ("_id", DESCENDING))

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: nothing that is mistaken for another on the telephone."""


class OrderStatus(StrEnum):
    """Where an order stands; DELIVERED and CANCELLED are final."""

    PENDING = "PENDING"
    PAID = "PAID"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


FINAL = frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED})
"""From here no order goes on."""

STEPS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset(),
    OrderStatus.PAID: frozenset({OrderStatus.PENDING}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.PAID}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.SHIPPED}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PENDING, OrderStatus.PAID}),
}
"""From where each status can be reached."""


def order_number() -> str:
    """Short enough to be read out, random so that it tells nobody how much is sold: 7K3QX-0M9ZD."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


class OrderLine(EmbeddedModel):
    """So many pieces of one product; its name and price are those of the day."""

    product_id: ObjectId
    name: str
    quantity: int
    price: Money
    total: Money


class OrderStep(EmbeddedModel):
    """A status the order got, and when."""

    status: OrderStatus
    at: datetime


class Order(Model):
    """An order. Only its status changes, and with it its history.

    `request_digest` is of what was sent with the `idempotency_key`, and `job_id` the confirmation's: the same request
    sent again is answered by them.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    user_id: ObjectId
    number: str = Field(default_factory=order_number)
    lines: list[OrderLine]
    total: Money
    status: OrderStatus = OrderStatus.PENDING
    history: list[OrderStep]
    idempotency_key: str | None = None
    request_digest: str | None = None
    job_id: ObjectId | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "orders",
        "indexes": lambda: [
            IndexModel([("number", ASCENDING)], name="number", unique=True),
            IndexModel([*_NEWEST], name="newest"),
            IndexModel([("status", ASCENDING), *_NEWEST], name="status_newest"),
            IndexModel([("user_id", ASCENDING), *_NEWEST], name="user_id_newest"),
            IndexModel([("user_id", ASCENDING), ("status", ASCENDING), *_NEWEST], name="user_id_status_newest"),
            IndexModel(
                [("user_id", ASCENDING), ("idempotency_key", ASCENDING)],
                name="idempotency_key",
                unique=True,
                partialFilterExpression={"idempotency_key": {"$type": "string"}},
            ),
        ],
    }


class OrderItem(Input):
    """A product, and how many of it somebody wants."""

    product_id: ObjectId
    quantity: Annotated[int, Bounded(ge=1, le=MOST_PIECES)]


class NewOrder(Input):
    """What somebody wants to buy. `idempotency_key` is the client's name for this one order."""

    items: Annotated[list[OrderItem], Bounded(min_length=1, max_length=MOST_LINES)]
    idempotency_key: Key | None = None


class OrderFilter(Input):
    """Which orders somebody looks for."""

    status: OrderStatus | None = None
    user_id: ObjectId | None = None
