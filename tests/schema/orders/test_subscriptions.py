"""An order as those who may watch it see it, live."""

from collections.abc import AsyncIterator

import httpx
import pytest

from schema.access import Role
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import cancel, item, place, signed_in, step
from tests.support.sockets import Socket, socket

pytestmark = pytest.mark.anyio

WATCH = "subscription($id: ID!){orderUpdated(id:$id){status history{status} lines{product{stock}}}}"


@pytest.fixture
async def people(url: str, collections: Collections, settings: Settings) -> AsyncIterator[list[Client]]:
    """Ada and Bob, who buy, and who manages orders."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        buyers = await signed_in(Client(http), collections, settings, ["Ada", "Bob"])
        yield [*buyers, *await signed_in(Client(http), collections, settings, ["Root"], Role.ADMIN)]


async def _watch(watching: Socket, viewer: Client, order_id: str) -> None:
    await watching.init(authorization=f"Bearer {viewer.token}")
    await watching.subscribe(WATCH, {"id": order_id})


async def _next(watching: Socket) -> tuple[str, int]:
    """The order's status, and how many of its product are left."""
    message = await watching.receive()
    order = message["payload"]["data"]["orderUpdated"]
    assert order["history"][-1]["status"] == order["status"]
    return order["status"], order["lines"][0]["product"]["stock"]


async def test_an_order_is_seen_step_by_step_to_its_end(
    url: str, people: list[Client], collections: Collections
) -> None:
    ada, _, admin = people
    order_id = (await place(ada, item(await add_product(collections), 3)))["order"]["id"]
    async with socket(url) as watching:
        await _watch(watching, ada, order_id)
        assert await _next(watching) == ("PENDING", 7)
        await step(admin, order_id, "PAID")
        assert await _next(watching) == ("PAID", 7)
        await cancel(ada, order_id)
        assert await _next(watching) == ("CANCELLED", 10)
        assert await watching.receive() == {"type": "complete", "id": "1"}


async def test_an_order_is_watched_by_whose_it_is_and_by_who_may_read_orders(
    url: str, people: list[Client], collections: Collections
) -> None:
    ada, bob, admin = people
    order_id = (await place(ada, item(await add_product(collections))))["order"]["id"]
    async with socket(url) as watching:
        await _watch(watching, bob, order_id)
        assert await watching.codes() == ["NOT_FOUND"]
    async with socket(url) as watching:
        await _watch(watching, admin, order_id)
        assert await _next(watching) == ("PENDING", 9)
