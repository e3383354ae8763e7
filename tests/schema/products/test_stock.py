"""Pieces leave the stock together or not at all."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.database import Database, Transaction
from schema.errors import InvalidInput
from schema.products import stock
from schema.products.model import Product
from tests.support.application import Collections
from tests.support.catalog import add_product
from tests.support.orders import stock_of

pytestmark = pytest.mark.anyio


async def _take(database: Database, quantities: dict[ObjectId, int]) -> None:
    products = {each["_id"]: each async for each in database.collection(Product).find({"_id": {"$in": [*quantities]}})}

    async def work(transaction: Transaction) -> None:
        await stock.take(transaction, quantities, products)

    await database.in_transaction(work)


async def _put_back(database: Database, quantities: dict[ObjectId, int]) -> None:
    async def work(transaction: Transaction) -> None:
        await stock.put_back(transaction, quantities)

    await database.in_transaction(work)


async def test_pieces_that_are_taken_are_not_in_stock(database: Database, collections: Collections) -> None:
    lamp, chair = await add_product(collections), await add_product(collections, name="Chair", slug="chair", stock=3)
    await _take(database, {lamp: 4, chair: 3})
    assert (await stock_of(collections, lamp), await stock_of(collections, chair)) == (6, 0)


@pytest.mark.parametrize("changed", [{"stock": 1}, {"is_archived": True}], ids=["sold", "archived"])
async def test_what_was_taken_meanwhile_takes_nothing_else_along(
    database: Database, collections: Collections, changed: dict[str, Any]
) -> None:
    lamp, last = await add_product(collections), await add_product(collections, **changed)
    with pytest.raises(stock.TakenMeanwhileError):
        await _take(database, {lamp: 10, last: 2})
    assert (await stock_of(collections, lamp), await stock_of(collections, last)) == (10, changed.get("stock", 10))


async def test_pieces_that_are_put_back_can_be_sold_again(database: Database, collections: Collections) -> None:
    lamp = await add_product(collections, stock=2)
    await _take(database, {lamp: 2})
    assert await stock_of(collections, lamp) == 0
    await _put_back(database, {lamp: 2})
    assert await stock_of(collections, lamp) == 2


async def test_pieces_of_an_archived_product_are_put_back_too(database: Database, collections: Collections) -> None:
    lamp = await add_product(collections, stock=0, is_archived=True)
    await _put_back(database, {lamp: 2})
    assert await stock_of(collections, lamp) == 2


async def test_every_line_at_fault_is_named(database: Database, collections: Collections) -> None:
    lamp, last = await add_product(collections), await add_product(collections, stock=1)
    archived, unknown = await add_product(collections, is_archived=True), ObjectId()
    quantities = {unknown: 1, lamp: 10, last: 2, archived: 1}
    with pytest.raises(InvalidInput) as refused:
        await stock.find_sellable(database, quantities)
    assert [(".".join(fault.field), fault.code) for fault in refused.value.faults] == [
        ("items.0.productId", "NOT_FOUND"),
        ("items.2.quantity", "OUT_OF_STOCK"),
        ("items.3.productId", "ARCHIVED"),
    ]


async def test_what_can_be_sold_is_no_fault(database: Database, collections: Collections) -> None:
    lamp = await add_product(collections)
    found = await stock.find_sellable(database, {lamp: 10})
    assert (found[lamp]["name"], found[lamp]["price"]["amount"]) == ("Oak Lamp", 1999)
    assert await stock_of(collections, lamp) == 10
