"""The answers of the hand-written endpoint: what each takes from MongoDB, and how it is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from odmantic import ObjectId

from schema.access import Viewer
from schema.categories.model import Category
from schema.database import Database
from schema.engine import Document
from schema.nodes import from_global_id, to_global_id
from schema.orders.model import Order
from schema.products.model import Product
from schema.users.model import User

Found = dict[ObjectId, Document]
Variables = Mapping[str, Any]

_PRODUCT = {"name": 1, "slug": 1, "price": 1, "stock": 1, "is_archived": 1}
_LISTED = _PRODUCT | {"description": 1, "created_at": 1, "category_id": 1}
_ORDER = {"number": 1, "status": 1, "created_at": 1, "total": 1, "lines": 1}
_NEWEST = [("created_at", -1), ("_id", -1)]


class Shop:
    """What the endpoint answers from."""

    def __init__(self, database: Database) -> None:
        self._products = database.collection(Product)
        self._categories = database.collection(Category)
        self._orders = database.collection(Order)
        self._users = database.collection(User)

    async def typename(self, _: Variables, __: Viewer | None) -> str:
        """The name of the type."""
        return "Query"

    async def product(self, variables: Variables, _: Viewer | None) -> Document | None:
        """One product on sale."""
        found = await self._products.find_one({"_id": from_global_id(variables["id"])[1]}, _PRODUCT)
        return _product(found) if found and not found["is_archived"] else None

    async def products(self, _: Variables, __: Viewer | None) -> Document:
        """The newest 50, with their categories."""
        found = await self._products.find({"is_archived": False}, _LISTED).sort(_NEWEST).limit(50).to_list()
        categories = await self._by_id(
            self._categories, (each["category_id"] for each in found), {"name": 1, "slug": 1}
        )
        return {"nodes": [_listed(each, categories[each["category_id"]]) for each in found]}

    async def orders(self, _: Variables, viewer: Viewer | None) -> Document:
        """The viewer's newest 20, with what was ordered."""
        own = {"user_id": viewer.id if viewer else None}
        orders = await self._orders.find(own, _ORDER, hint="user_id_newest").sort(_NEWEST).limit(20).to_list()
        named = {line["product_id"] for order in orders for line in order["lines"]}
        products = await self._by_id(self._products, named, {"name": 1, "category_id": 1, "is_archived": 1})
        of_products = {product["category_id"] for product in products.values()}
        categories = await self._by_id(self._categories, of_products, {"name": 1})
        return {"nodes": [_order(order, products, categories) for order in orders]}

    async def me(self, _: Variables, viewer: Viewer | None) -> Document | None:
        """Who is signed in."""
        user = await self._users.find_one({"_id": viewer.id}, {"email": 1, "name": 1, "role": 1}) if viewer else None
        if user is None:
            return None
        shown = {"email": user["email"], "name": user["name"], "role": user["role"]}
        return {"user": {"id": to_global_id("User", user["_id"]), **shown}}

    @staticmethod
    async def _by_id(collection: Any, ids: Iterable[ObjectId], fields: Document) -> Found:  # noqa: ANN401  # the driver's
        wanted = list(set(ids))
        found = collection.find({"_id": {"$in": wanted}}, fields, batch_size=len(wanted) + 1)
        return {document["_id"]: document for document in await found.to_list()}


def _product(product: Document) -> Document:
    return {
        "id": to_global_id("Product", product["_id"]),
        "name": product["name"],
        "slug": product["slug"],
        "price": _money(product["price"]),
        "stock": product["stock"],
        "inStock": product["stock"] > 0,
    }


def _listed(product: Document, category: Document) -> Document:
    shown = {"id": to_global_id("Category", category["_id"]), "name": category["name"], "slug": category["slug"]}
    more = {"description": product["description"], "createdAt": product["created_at"], "category": shown}
    return _product(product) | more


def _order(order: Document, products: Found, categories: Found) -> Document:
    return {
        "id": to_global_id("Order", order["_id"]),
        "number": order["number"],
        "status": order["status"],
        "createdAt": order["created_at"],
        "total": _money(order["total"]),
        "lines": [_line(line, products[line["product_id"]], categories) for line in order["lines"]],
    }


def _line(line: Document, product: Document, categories: Found) -> Document:
    shown = {"quantity": line["quantity"], "name": line["name"], "price": _money(line["price"])}
    return shown | {"product": None if product["is_archived"] else _ordered(product, categories)}


def _ordered(product: Document, categories: Found) -> Document:
    category = categories[product["category_id"]]
    named = {"id": to_global_id("Category", category["_id"]), "name": category["name"]}
    return {"id": to_global_id("Product", product["_id"]), "name": product["name"], "category": named}


def _money(money: Document) -> Document:
    whole, cents = divmod(money["amount"], 100)
    return {"amount": f"{whole}.{cents:02}", "currencyCode": money["currency_code"]}
