"""Many at once: within one process, where they wait in line, and in several, where MongoDB alone keeps them apart."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import pytest

from schema.nodes import from_global_id
from settings.config import Settings
from tests.support.application import Client, Collections, serving
from tests.support.catalog import add_product
from tests.support.orders import Payload, cancel, counts, item, place, signed_in, stock_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[1, 3], ids=["one process", "three processes"])
async def processes(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[list[Client]]:
    """A client of each of several APIs, which share nothing but MongoDB."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(settings)) for _ in range(request.param)]


async def _customers(processes: list[Client], collections: Collections, settings: Settings, count: int) -> list[Client]:
    """So many customers, shared out among the processes."""
    clients = await signed_in(processes[0], collections, settings, [f"Buyer{number}" for number in range(count)])
    return [Client(processes[number % len(processes)].http, each.token) for number, each in enumerate(clients)]


async def test_many_buyers_of_few_pieces_get_all_of_them_and_no_more(
    processes: list[Client], collections: Collections, settings: Settings
) -> None:
    buyers = await _customers(processes, collections, settings, 40)
    lamp = await add_product(collections, stock=10)
    payloads = await asyncio.gather(*(place(buyer, item(lamp)) for buyer in buyers))
    assert _outcomes(payloads) == {"ordered": 10, "OUT_OF_STOCK": 30}
    assert (await stock_of(collections, lamp), await counts(collections)) == (0, (10, 10))
    assert len({payload["job"]["id"] for payload in payloads if payload["job"]}) == 10


async def test_buyers_of_several_products_get_all_of_an_order_or_nothing(
    processes: list[Client], collections: Collections, settings: Settings
) -> None:
    buyers = await _customers(processes, collections, settings, 24)
    lamp, chair = await add_product(collections, stock=12), await add_product(collections, stock=9)
    both = (item(lamp), item(chair))
    payloads = await asyncio.gather(
        *(place(buyer, *(both if number % 2 else both[::-1])) for number, buyer in enumerate(buyers))
    )
    assert _outcomes(payloads) == {"ordered": 9, "OUT_OF_STOCK": 15}
    assert (await stock_of(collections, lamp), await stock_of(collections, chair)) == (3, 0)
    assert await counts(collections) == (9, 9)


@pytest.mark.parametrize("stock", [1, 10], ids=["the last piece", "pieces enough"])
async def test_one_order_sent_ten_times_at_once_is_one_order_with_ten_equal_answers(
    processes: list[Client], collections: Collections, settings: Settings, stock: int
) -> None:
    (ada,) = await _customers(processes, collections, settings, 1)
    lamp = await add_product(collections, stock=stock)
    senders = [Client(processes[number % len(processes)].http, ada.token) for number in range(10)]
    payloads = await asyncio.gather(*(place(sender, item(lamp), key="k") for sender in senders))
    assert _outcomes(payloads) == {"ordered": 10}
    assert all(payload == payloads[0] for payload in payloads)
    assert (await stock_of(collections, lamp), await counts(collections)) == (stock - 1, (1, 1))


async def test_one_key_sent_with_different_items_at_once_is_one_order(
    processes: list[Client], collections: Collections, settings: Settings
) -> None:
    (ada,) = await _customers(processes, collections, settings, 1)
    products = [await add_product(collections) for _ in range(9)]
    senders = [Client(processes[number % len(processes)].http, ada.token) for number in range(9)]
    payloads = await asyncio.gather(
        *(place(sender, item(product_id), key="k") for sender, product_id in zip(senders, products, strict=True))
    )
    assert _outcomes(payloads) == {"ordered": 1, "IDEMPOTENCY_KEY_REUSED": 8}
    assert sum([await stock_of(collections, product_id) for product_id in products]) == 89
    assert await counts(collections) == (1, 1)


async def test_orders_and_cancels_of_one_product_at_once_keep_its_stock(
    processes: list[Client], collections: Collections, settings: Settings
) -> None:
    buyers = await _customers(processes, collections, settings, 12)
    lamp = await add_product(collections, stock=8)
    first = [(await place(buyer, item(lamp)))["order"]["id"] for buyer in buyers[:8]]
    payloads = await asyncio.gather(
        *(cancel(buyer, order_id) for buyer, order_id in zip(buyers, first, strict=False)),
        *(place(buyer, item(lamp)) for buyer in buyers),
    )
    cancelled, placed = payloads[:8], payloads[8:]
    assert _outcomes(cancelled) == {"ordered": 8}
    assert await stock_of(collections, lamp) == 8 - _outcomes(placed)["ordered"]
    ids = [from_global_id(payload["order"]["id"])[1] for payload in placed if payload["order"]]
    assert await collections.orders.count_documents({"status": "PENDING", "_id": {"$in": ids}}) == len(ids)


def _outcomes(payloads: list[Payload]) -> Counter[str]:
    return Counter("ordered" if payload["order"] else payload["userErrors"][0]["code"] for payload in payloads)


async def test_a_price_that_changes_while_an_order_is_placed_is_the_one_it_is_placed_at(
    collections: Collections, settings: Settings
) -> None:
    lamp = await add_product(collections)
    changed = {"$set": {"name": "Elm Lamp", "price.amount": 5000}}
    async with serving(settings) as api, collections.client.start_session() as session:
        (buyer,) = await signed_in(api, collections, settings, ["Ada"])
        given_up = await _given_up(collections)
        async with await session.start_transaction():
            await collections.products.update_one({"_id": lamp}, changed, session=session)
            placing = asyncio.create_task(place(buyer, item(lamp)))
            await eventually(partial(_has_given_up, collections, given_up), "A try that the change is in the way of")
        order = (await placing)["order"]
    assert [(line["name"], line["price"]["amount"]) for line in order["lines"]] == [("Elm Lamp", "50.00")]


async def _has_given_up(collections: Collections, before: int) -> bool:
    return await _given_up(collections) > before


async def _given_up(collections: Collections) -> int:
    """Transactions that this MongoDB has seen given up."""
    status = await collections.client.admin.command("serverStatus")
    return int(status["transactions"]["totalAborted"])
