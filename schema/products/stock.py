"""Pieces that are sold leave the stock, and those of a cancelled order come back."""

from collections.abc import Collection, Mapping

from odmantic import ObjectId

from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.finds import Finds, Found
from schema.products.model import Product
from schema.projection import projection

Quantities = Mapping[ObjectId, int]
"""How many pieces of which products, in the order of the `items` that were asked for."""

_SOLD = {"name": 1, "slug": 1, "price": 1}
_LOOKED_AT = frozenset({"is_archived", "stock"})


async def require(database: Database, quantities: Quantities, finds: Finds | None = None) -> None:
    """InvalidInput, as of `take`, while there is no hope: cheaper than a transaction, and no promise."""
    products = await (finds or Finds()).by_id(database.collection(Product), _LOOKED_AT, quantities)
    _refuse(_faults(products, quantities, quantities))


async def take(transaction: Transaction, quantities: Quantities) -> dict[ObjectId, Document]:
    """Take these pieces out of the stock; answers the name, slug and price of each product as they are now.

    InvalidInput names every line that cannot be served, and the transaction has to be given up.
    """
    taken = {
        product_id: await _take(transaction, product_id, quantities[product_id]) for product_id in _in_order(quantities)
    }
    missing = [product_id for product_id, product in taken.items() if product is None]
    if missing:
        _refuse(_faults(await _look_at(transaction, missing), quantities, missing))
    return {product_id: product for product_id, product in taken.items() if product is not None}


async def put_back(transaction: Transaction, quantities: Quantities) -> None:
    """Put these pieces back into the stock, also of products that have been archived since."""
    products = transaction.database.collection(Product)
    for product_id in _in_order(quantities):
        put = _adding(quantities[product_id])
        await products.update_one({"_id": product_id}, put, session=transaction.session)


def _in_order(quantities: Quantities) -> list[ObjectId]:
    """The same for everybody: whoever collides does so at the first product, before any work is lost."""
    return sorted(quantities)


async def _take(transaction: Transaction, product_id: ObjectId, quantity: int) -> Document | None:
    """The product, if it can be sold in this quantity."""
    sellable = {"_id": product_id, "is_archived": False, "stock": {"$gte": quantity}}
    product: Document | None = await transaction.database.collection(Product).find_one_and_update(
        sellable, _adding(-quantity), _SOLD, session=transaction.session
    )
    return product


def _adding(quantity: int) -> list[Document]:
    """The update that keeps `in_stock` in step; its second stage sees what the first one set."""
    return [{"$set": {"stock": {"$add": ["$stock", quantity]}}}, {"$set": {"in_stock": {"$gt": ["$stock", 0]}}}]


async def _look_at(transaction: Transaction, product_ids: Collection[ObjectId]) -> Found:
    products = transaction.database.collection(Product)
    found = products.find({"_id": {"$in": [*product_ids]}}, projection(_LOOKED_AT), session=transaction.session)
    return {product["_id"]: product for product in await found.to_list()}


def _faults(products: Found, quantities: Quantities, asked: Collection[ObjectId]) -> list[Fault]:
    """Why these products cannot be sold in these quantities, those of them that cannot."""
    faults = [
        _fault(index, products.get(product_id), quantity)
        for index, (product_id, quantity) in enumerate(quantities.items())
        if product_id in asked
    ]
    return [fault for fault in faults if fault]


def _fault(index: int, product: Document | None, quantity: int) -> Fault | None:
    line = ("items", str(index))
    if product is None:
        return Fault((*line, "productId"), "There is no such product.", UserErrorCode.NOT_FOUND)
    if product["is_archived"]:
        return Fault((*line, "productId"), "It is not sold any more.", UserErrorCode.ARCHIVED)
    if product["stock"] < quantity:
        left = f"There are only {product['stock']} left." if product["stock"] > 0 else "It is sold out."
        return Fault((*line, "quantity"), left, UserErrorCode.OUT_OF_STOCK)
    return None


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise InvalidInput(faults)
