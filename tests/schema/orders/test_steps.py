"""From one status to the next, over GraphQL."""

import asyncio
import itertools
from dataclasses import dataclass

import pytest
from odmantic import ObjectId

from schema.access import Role
from schema.nodes import from_global_id, to_global_id
from schema.orders.model import OrderStatus
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import CANCEL, STEP, cancel, counts, faults, item, place, signed_in, step, stock_of

pytestmark = pytest.mark.anyio

LEGAL = {
    ("PENDING", "PAID"),
    ("PENDING", "CANCELLED"),
    ("PAID", "SHIPPED"),
    ("PAID", "CANCELLED"),
    ("SHIPPED", "DELIVERED"),
}
PAIRS = list(itertools.product([status.value for status in OrderStatus], repeat=2))
LETTERS = {"PAID", "SHIPPED", "CANCELLED"}


@dataclass(frozen=True)
class Shop:
    """A customer, who manages orders, and a product, 10 of it in stock."""

    ada: Client
    admin: Client
    collections: Collections
    lamp: ObjectId

    async def order(self, status: str = "PENDING") -> str:
        """The id of an order of three pieces, with a status and without letters."""
        order_id: str = (await place(self.ada, item(self.lamp, 3)))["order"]["id"]
        where = {"_id": from_global_id(order_id)[1]}
        await self.collections.orders.update_one(where, {"$set": {"status": status}})
        await self.collections.jobs.delete_many({})
        return order_id

    async def stands(self) -> tuple[int, int, int]:
        """How many orders there are, how many letters are owed, and how many pieces are left."""
        return *await counts(self.collections), await stock_of(self.collections, self.lamp)


@pytest.fixture
async def shop(client: Client, collections: Collections, settings: Settings) -> Shop:
    """A shop of one product."""
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    (admin,) = await signed_in(client, collections, settings, ["Root"], Role.ADMIN)
    return Shop(ada, admin, collections, await add_product(collections))


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL))
async def test_a_legal_step_is_taken_and_told(shop: Shop, before: str, after: str) -> None:
    order_id = await shop.order(before)
    payload = await step(shop.admin, order_id, after)
    assert payload["userErrors"] == []
    assert payload["order"]["status"] == after
    assert [entry["status"] for entry in payload["order"]["history"]] == ["PENDING", after]
    assert payload["order"]["updatedAt"] == payload["order"]["history"][-1]["at"] > payload["order"]["createdAt"]
    letters = [
        (job["kind"], job["payload"]["to"], job["payload"]["status"]) async for job in shop.collections.jobs.find()
    ]
    assert letters == ([("ORDER_STATUS_EMAIL", "ada@example.com", after)] if after in LETTERS else [])
    assert (payload["job"] is not None) == (after in LETTERS)
    assert await stock_of(shop.collections, shop.lamp) == (10 if after == "CANCELLED" else 7)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair not in LEGAL])
async def test_an_illegal_step_is_refused_and_nothing_is_written(shop: Shop, before: str, after: str) -> None:
    order_id = await shop.order(before)
    kept = await shop.collections.orders.find_one()
    assert faults(await step(shop.admin, order_id, after)) == [("status", "NOT_ALLOWED")]
    assert await shop.collections.orders.find_one() == kept
    assert await shop.stands() == (1, 0, 7)


@pytest.mark.parametrize("status", [status.value for status in OrderStatus])
async def test_an_owner_cancels_what_was_not_shipped(shop: Shop, status: str) -> None:
    order_id = await shop.order(status)
    payload = await cancel(shop.ada, order_id)
    if (status, "CANCELLED") not in LEGAL:
        assert faults(payload) == [("id", "NOT_ALLOWED")]
        assert await shop.stands() == (1, 0, 7)
        return
    assert (payload["order"]["status"], payload["job"]["kind"]) == ("CANCELLED", "ORDER_STATUS_EMAIL")
    assert await shop.stands() == (1, 1, 10)


async def test_a_second_cancel_is_refused(shop: Shop) -> None:
    order_id = await shop.order()
    assert (await cancel(shop.ada, order_id))["order"]
    assert faults(await cancel(shop.ada, order_id)) == [("id", "NOT_ALLOWED")]
    assert await shop.stands() == (1, 1, 10)


async def test_who_manages_orders_cancels_anybodys_and_the_letter_goes_to_whose_it_is(shop: Shop) -> None:
    order_id = await shop.order()
    assert (await cancel(shop.admin, order_id))["order"]["status"] == "CANCELLED"
    job = await shop.collections.jobs.find_one() or {}
    order = await shop.collections.orders.find_one() or {}
    assert (job["recipient"], job["owner_id"]) == ("ada@example.com", order["user_id"])


async def test_anothers_order_is_as_one_that_is_not_there(shop: Shop, client: Client, settings: Settings) -> None:
    (bob,) = await signed_in(client, shop.collections, settings, ["Bob"])
    order_id = await shop.order()
    theirs, nobodys = await cancel(bob, order_id), await cancel(bob, to_global_id("Order", ObjectId()))
    assert faults(theirs) == [("id", "NOT_FOUND")]
    assert theirs == nobodys
    assert await shop.stands() == (1, 0, 7)


async def test_only_who_manages_orders_sets_a_status(shop: Shop, client: Client) -> None:
    variables = {"id": await shop.order(), "status": "PAID"}
    assert await client.codes(STEP, variables) == ["UNAUTHENTICATED"]
    assert await shop.ada.codes(STEP, variables) == ["FORBIDDEN"]
    assert await client.codes(CANCEL, variables | {"status": None}) == ["UNAUTHENTICATED"]
    assert (await shop.collections.orders.find_one() or {})["status"] == "PENDING"


@pytest.mark.parametrize("order_id", ["x", '{"$ne": null}', to_global_id("User", ObjectId("0" * 24))])
async def test_what_is_no_orders_id_is_a_bad_request(shop: Shop, order_id: str) -> None:
    assert await shop.ada.codes(CANCEL, {"id": order_id}) == ["BAD_USER_INPUT"]
    assert await shop.admin.codes(STEP, {"id": order_id, "status": "PAID"}) == ["BAD_USER_INPUT"]


async def test_an_order_there_is_not_cannot_be_stepped(shop: Shop) -> None:
    assert faults(await step(shop.admin, to_global_id("Order", ObjectId()), "PAID")) == [("id", "NOT_FOUND")]
    assert await shop.admin.codes(STEP, {"id": to_global_id("Order", ObjectId()), "status": "LOST"}) == [
        "BAD_USER_INPUT"
    ]


async def test_ten_cancels_at_once_put_the_pieces_back_once(shop: Shop) -> None:
    order_id = await shop.order()
    payloads = await asyncio.gather(*(cancel(client, order_id) for client in [shop.ada, shop.admin] * 5))
    assert len([payload for payload in payloads if payload["order"]]) == 1
    assert [error["code"] for payload in payloads for error in payload["userErrors"]] == ["NOT_ALLOWED"] * 9
    assert await shop.stands() == (1, 1, 10)


async def test_an_order_that_is_paid_and_cancelled_at_once_tells_of_each_step_it_took(shop: Shop) -> None:
    order_id = await shop.order()
    await asyncio.gather(cancel(shop.ada, order_id), *(step(shop.admin, order_id, "PAID") for _ in range(4)))
    order = await shop.collections.orders.find_one() or {}
    taken = [entry["status"] for entry in order["history"]][1:]
    assert taken in (["CANCELLED"], ["PAID", "CANCELLED"])
    assert sorted([job["payload"]["status"] async for job in shop.collections.jobs.find()]) == sorted(taken)
    assert await stock_of(shop.collections, shop.lamp) == 10
