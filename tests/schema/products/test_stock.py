"""Pieces leave the stock together or not at all."""

import pytest
from odmantic import ObjectId

from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import InvalidInput
from schema.products import stock
from tests.support.application import Collections
from tests.support.catalog import add_product
from tests.support.orders import stock_of

pytestmark = pytest.mark.anyio


async def _take(database: Database, quantities: dict[ObjectId, int]) -> dict[ObjectId, Document]:
    async def work(transaction: Transaction) -> dict[ObjectId, Document]:
        return await stock.take(transaction, quantities)

    return await database.in_transaction(work)


async def _put_back(database: Database, quantities: dict[ObjectId, int]) -> None:
    async def work(transaction: Transaction) -> None:
        await stock.put_back(transaction, quantities)

    await database.in_transaction(work)


async def test_what_is_taken_is_answered_as_it_was(database: Database, collections: Collections) -> None:
    lamp, chair = await add_product(collections), await add_product(collections, name="Chair", slug="chair", stock=3)
    taken = await _take(database, {lamp: 4, chair: 3})
    assert taken[chair] == {
        "_id": chair,
        "name": "Chair",
        "slug": "chair",
        "price": {"amount": 1999, "currency_code": "EUR"},
    }
    assert (await stock_of(collections, lamp), await stock_of(collections, chair)) == (6, 0)


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


@pytest.mark.parametrize("hopeless", [True, False], ids=["before the transaction", "within it"])
async def test_every_line_at_fault_is_named_and_nothing_is_taken(
    database: Database, collections: Collections, hopeless: object
) -> None:
    lamp, last = await add_product(collections), await add_product(collections, stock=1)
    archived, unknown = await add_product(collections, is_archived=True), ObjectId()
    quantities = {unknown: 1, lamp: 10, last: 2, archived: 1}
    with pytest.raises(InvalidInput) as refused:
        await (stock.require(database, quantities) if hopeless else _take(database, quantities))
    assert [(".".join(fault.field), fault.code) for fault in refused.value.faults] == [
        ("items.0.productId", "NOT_FOUND"),
        ("items.2.quantity", "OUT_OF_STOCK"),
        ("items.3.productId", "ARCHIVED"),
    ]
    assert [await stock_of(collections, product_id) for product_id in (lamp, last, archived)] == [10, 1, 10]


async def test_what_can_be_sold_is_no_fault(database: Database, collections: Collections) -> None:
    lamp = await add_product(collections)
    await stock.require(database, {lamp: 10})
    assert await stock_of(collections, lamp) == 10
