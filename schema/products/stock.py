"""Pieces that are sold leave the stock, and those of a cancelled order come back."""

from collections.abc import Mapping

from odmantic import ObjectId
from pymongo import UpdateOne

from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.finds import Finds, Found
from schema.products.model import Product

Quantities = Mapping[ObjectId, int]
"""How many pieces of which products, in the order of the `items` that were asked for."""

_SOLD = frozenset({"name", "price", "is_archived", "stock"})


class TakenMeanwhileError(Exception):
    """Somebody was quicker, to buy or to change it: the transaction has to be given up, and all to be read anew."""


async def find_sellable(database: Database, quantities: Quantities, finds: Finds | None = None) -> Found:
    """The name and price of each product; InvalidInput names every line that cannot be served. `take` decides."""
    products = await (finds or Finds()).by_id(database.collection(Product), _SOLD, quantities)
    if faults := _faults(products, quantities):
        raise InvalidInput(faults)
    return products


async def take(transaction: Transaction, quantities: Quantities, found: Found) -> None:
    """Take these pieces of what is sold out of the stock, all of them; else TakenMeanwhileError.

    The products have to be as they were found, for what an order says of them was read before its transaction.
    """
    sold = [
        UpdateOne({**_as_it_was(found[product_id]), "stock": {"$gte": quantity}}, _adding(-quantity))
        for product_id, quantity in _in_order(quantities)
    ]
    products = transaction.database.collection(Product)
    if (await products.bulk_write(sold, session=transaction.session)).matched_count < len(sold):
        raise TakenMeanwhileError


def _as_it_was(product: Document) -> Document:
    return {name: product[name] for name in ("_id", "name", "price")} | {"is_archived": False}


async def put_back(transaction: Transaction, quantities: Quantities) -> None:
    """Put these pieces back into the stock, also of products that have been archived since."""
    returned = [UpdateOne({"_id": product_id}, _adding(quantity)) for product_id, quantity in _in_order(quantities)]
    if returned:
        await transaction.database.collection(Product).bulk_write(returned, session=transaction.session)


def _in_order(quantities: Quantities) -> list[tuple[ObjectId, int]]:
    """The same for everybody: whoever collides does so at the first product, before any work is lost."""
    return sorted(quantities.items())


def _adding(quantity: int) -> list[Document]:
    """The update that keeps `in_stock` in step; its second stage sees what the first one set."""
    return [{"$set": {"stock": {"$add": ["$stock", quantity]}}}, {"$set": {"in_stock": {"$gt": ["$stock", 0]}}}]


def _faults(products: Found, quantities: Quantities) -> list[Fault]:
    """Why these products cannot be sold in these quantities, those of them that cannot."""
    faults = [
        _fault(index, products.get(product_id), quantity)
        for index, (product_id, quantity) in enumerate(quantities.items())
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
