"""The data everybody serves: the demo shop, with orders of five lines, pieces enough, and two people who are signed in.

The peers have a database of their own beside ours, with the same documents but for what our search keeps in them.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from schema.engine import Document
from schema.money.model import Money
from schema.orders.model import Order, OrderLine, OrderStatus, OrderStep
from schema.sessions.model import Session
from schema.times import utc_now
from schema.tokens import AccessTokens
from settings.config import Settings
from tests.support.seed import people

ORDERS, LINES = 1_000, 5
"""The customer's newest: a page of them is asked for, and all of them are watched."""

PIECES = 1_000_000
"""Of each product that is in stock: more than are sold here."""

_OURS_ALONE = ("name_key", "in_stock", "place_ids", "words", "terms")
_SHARED = ("categories", "products", "orders", "users")


@dataclass(frozen=True)
class Data:
    """What is there, and who asks."""

    products: tuple[Any, ...]
    """The ids of those on sale."""

    orders: tuple[Any, ...]
    """The ids of those, all of them pending."""

    people: dict[str, tuple[Any, Any]]
    """The ids of the customer and of the administrator, and of the session of each."""

    signer: AccessTokens

    def token(self, name: str) -> str:
        """An access token of theirs, good for a quarter of an hour."""
        return self.signer.issue(*self.people[name])


def fill(settings: Settings, peers: str) -> Data:
    """Seed our database anew, and copy it to that of the peers."""
    with MongoClient[Document](settings.db_url, tz_aware=True) as client:
        ours = client.get_default_database()
        for name in (ours.name, peers):
            client.drop_database(name)
        _seed(settings)
        ours.products.update_many({"in_stock": True}, {"$set": {"stock": PIECES}})
        ours.products.create_index([("is_archived", 1), ("created_at", -1), ("_id", -1)])  # the endpoint's
        orders = _add_orders(ours)
        for name in _SHARED:
            ours[name].aggregate([{"$unset": list(_OURS_ALONE)}, {"$out": {"db": peers, "coll": name}}])
        return Data(_products(ours), orders, _signed_in(ours), AccessTokens(settings.signing_secret))


def _seed(settings: Settings) -> None:
    told = {"DB_URL": settings.db_url, "REDIS_URL": settings.redis_url, "STORAGE_URL": settings.storage_url}
    command = [sys.executable, "-m", "tests.support.seed"]
    subprocess.run(command, env=os.environ | told, check=True, stdout=subprocess.DEVNULL)


def _products(ours: Database[Document]) -> tuple[Any, ...]:
    on_sale = ours.products.find({"is_archived": False, "in_stock": True}, {"_id": 1}).sort("_id")
    return tuple(product["_id"] for product in on_sale)


def _add_orders(ours: Database[Document]) -> tuple[Any, ...]:
    """Their ids."""
    user_id, products = (
        _id_of(ours, people.CUSTOMER),
        list(ours.products.find({"is_archived": False, "in_stock": True})),
    )
    chosen = [[products[(LINES * number + each) % len(products)] for each in range(LINES)] for number in range(ORDERS)]
    return tuple(ours.orders.insert_many([_order(user_id, each).model_dump_doc() for each in chosen]).inserted_ids)


def _order(user_id: Any, products: list[Document]) -> Order:  # noqa: ANN401  # an id as the driver gives it
    lines, now = [_line(product) for product in products], utc_now()
    total = Money(amount=sum(line.total.amount for line in lines), currency_code=lines[0].total.currency_code)
    history = [OrderStep(status=OrderStatus.PENDING, at=now)]
    return Order(user_id=user_id, lines=lines, total=total, history=history, created_at=now, updated_at=now)


def _line(product: Document) -> OrderLine:
    price = Money(**product["price"])
    return OrderLine(product_id=product["_id"], name=product["name"], quantity=1, price=price, total=price)


def _signed_in(ours: Database[Document]) -> dict[str, tuple[Any, Any]]:
    """A session for each of the two."""
    people_of = {"customer": _id_of(ours, people.CUSTOMER), "administrator": _id_of(ours, people.ADMIN)}
    sessions = {name: Session(user_id=each, device="benchmark", ip="127.0.0.1") for name, each in people_of.items()}
    ours.sessions.insert_many([session.model_dump_doc() for session in sessions.values()])
    return {name: (session.user_id, session.id) for name, session in sessions.items()}


def _id_of(ours: Database[Document], email: str) -> Any:  # noqa: ANN401  # an id as the driver gives it
    return (ours.users.find_one({"email_key": email}) or {})["_id"]
