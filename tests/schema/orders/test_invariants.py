"""Whatever is placed, cancelled and shipped, in whatever order and all at once: no piece is lost, none is made."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from odmantic import ObjectId

from schema.access import Role
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import Payload, cancel, item, place, signed_in, step, stock_of

pytestmark = pytest.mark.anyio

PIECES = (3, 5)

quantities = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any)
places = st.tuples(st.just("place"), quantities, st.none() | st.sampled_from("abc"))
cancels = st.tuples(st.just("cancel"), st.integers(0, 9))
steps = st.tuples(st.just("step"), st.integers(0, 9), st.sampled_from(["PAID", "SHIPPED", "DELIVERED", "CANCELLED"]))
batches = st.lists(st.lists(st.one_of(places, cancels, steps), min_size=1, max_size=4), max_size=8)


@given(batches=batches)
@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_stock_and_open_orders_add_up(
    client: Client, collections: Collections, settings: Settings, batches: list[list[Any]]
) -> None:
    for name in ("orders", "products", "users", "sessions", "jobs"):
        await collections[name].delete_many({})
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    (admin,) = await signed_in(client, collections, settings, ["Root"], Role.ADMIN)
    products = [await add_product(collections, stock=pieces) for pieces in PIECES]
    order_ids: list[str] = []
    for batch in batches:
        payloads = await asyncio.gather(*(_run(ada, admin, products, order_ids, action) for action in batch))
        order_ids += [payload["order"]["id"] for payload in payloads if payload and payload["order"]]
        assert [await _pieces(collections, product_id) for product_id in products] == list(PIECES)
        await _assert_every_step_was_told(collections)


async def _run(
    ada: Client, admin: Client, products: list[ObjectId], order_ids: list[str], action: tuple[Any, ...]
) -> Payload | None:
    kind, *arguments = action
    if kind == "place":
        wanted, key = arguments
        items = [item(product_id, count) for product_id, count in zip(products, wanted, strict=True) if count]
        return await place(ada, *items, key=key)
    if arguments[0] >= len(order_ids):
        return None
    order_id = order_ids[arguments[0]]
    return await (cancel(ada, order_id) if kind == "cancel" else step(admin, order_id, arguments[1]))


async def _pieces(collections: Collections, product_id: ObjectId) -> int:
    """Those in stock, and those in orders that are not cancelled."""
    held: list[int] = [
        line["quantity"]
        async for order in collections.orders.find({"status": {"$ne": "CANCELLED"}})
        for line in order["lines"]
        if line["product_id"] == product_id
    ]
    return await stock_of(collections, product_id) + sum(held)


async def _assert_every_step_was_told(collections: Collections) -> None:
    orders = [order async for order in collections.orders.find()]
    told = sorted([job["payload"].get("status", "PENDING") async for job in collections.jobs.find()])
    taken = [entry["status"] for order in orders for entry in order["history"] if entry["status"] != "DELIVERED"]
    assert told == sorted(taken)
    assert all(order["history"][-1]["status"] == order["status"] for order in orders)
