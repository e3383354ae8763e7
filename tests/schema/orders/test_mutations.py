"""Placing orders, over GraphQL."""

import asyncio
from typing import Any

import pytest
from odmantic import ObjectId

from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import PLACE, cancel, counts, faults, item, place, signed_in, stock_of
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(client: Client, collections: Collections, settings: Settings) -> Client:
    """A customer."""
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    return ada


async def test_an_order_takes_the_stock_and_owes_its_confirmation(ada: Client, collections: Collections) -> None:
    lamp, chair = await add_product(collections), await add_product(collections, name="Chair", amount=500)
    payload = await place(ada, item(lamp, 2), item(chair, 3))
    order = payload["order"]
    assert payload["userErrors"] == []
    assert (order["status"], [step["status"] for step in order["history"]]) == ("PENDING", ["PENDING"])
    assert order["lines"] == [_line("Oak Lamp", 2, "19.99", "39.98"), _line("Chair", 3, "5.00", "15.00")]
    assert order["total"] == {"amount": "54.98", "currencyCode": "EUR"}
    assert order["user"] == {"email": "ada@example.com"}
    assert (await stock_of(collections, lamp), await stock_of(collections, chair)) == (8, 7)
    job = await collections.jobs.find_one() or {}
    assert (payload["job"]["kind"], payload["job"]["status"]) == ("ORDER_CONFIRMATION_EMAIL", "QUEUED")
    assert payload["job"]["id"] == to_global_id("Job", job["_id"])
    assert job["payload"] == {
        "to": "ada@example.com",
        "name": "Ada",
        "number": order["number"],
        "lines": [
            {"name": "Oak Lamp", "quantity": 2, "price": "€19.99", "total": "€39.98"},
            {"name": "Chair", "quantity": 3, "price": "€5.00", "total": "€15.00"},
        ],
        "total": "€54.98",
    }
    assert job["owner_id"] == (await collections.users.find_one() or {})["_id"]


async def test_an_order_keeps_the_name_and_price_of_its_day(ada: Client, collections: Collections) -> None:
    lamp = await add_product(collections)
    order = (await place(ada, item(lamp)))["order"]
    await collections.products.update_one({"_id": lamp}, {"$set": {"name": "Light", "price.amount": 1}})
    query = "query($id: ID!){order(id:$id){lines{name price{amount} product{name price{amount}}}}}"
    assert (await ada.data(query, {"id": order["id"]}))["order"]["lines"] == [
        {"name": "Oak Lamp", "price": {"amount": "19.99"}, "product": {"name": "Light", "price": {"amount": "0.01"}}}
    ]


async def test_numbers_of_orders_are_unique_and_tell_nothing_of_one_another(
    ada: Client, collections: Collections
) -> None:
    lamp = await add_product(collections, stock=30)
    payloads = [await place(ada, item(lamp)) for _ in range(30)]
    numbers = [payload["order"]["number"] for payload in payloads]
    assert len(set(numbers)) == 30
    assert numbers != sorted(numbers)
    assert all(len(number) == 11 and number[5] == "-" for number in numbers)


async def test_the_largest_order_there_is_adds_up(ada: Client, collections: Collections) -> None:
    products = [await add_product(collections, amount=100_000_000_000, stock=10_000) for _ in range(100)]
    order = (await place(ada, *(item(product_id, 10_000) for product_id in products)))["order"]
    assert order["total"] == {"amount": "1000000000000000.00", "currencyCode": "EUR"}
    assert len(order["lines"]) == 100


async def test_nobody_orders_without_an_account(client: Client, collections: Collections) -> None:
    form = {"items": [item(await add_product(collections))]}
    assert await client.codes(PLACE, {"input": form}) == ["UNAUTHENTICATED"]
    assert await counts(collections) == (0, 0)


async def test_every_line_that_cannot_be_served_is_named_and_nothing_is_written(
    ada: Client, collections: Collections
) -> None:
    lamp, last = await add_product(collections), await add_product(collections, stock=1)
    archived = await add_product(collections, is_archived=True)
    payload = await place(ada, item(lamp, 3), item(last, 2), item(archived), item(ObjectId()))
    assert faults(payload) == [
        ("items.1.quantity", "OUT_OF_STOCK"),
        ("items.2.productId", "ARCHIVED"),
        ("items.3.productId", "NOT_FOUND"),
    ]
    assert await stock_of(collections, lamp) == 10
    assert await counts(collections) == (0, 0)


async def test_a_product_without_a_price_in_the_shops_currency_is_not_sold(
    ada: Client, collections: Collections
) -> None:
    lamp = await add_product(collections)
    await collections.products.update_one({"_id": lamp}, {"$set": {"price.currency_code": "USD"}})
    assert faults(await place(ada, item(await add_product(collections)), item(lamp))) == [
        ("items.1.productId", "NOT_ALLOWED")
    ]
    assert await stock_of(collections, lamp) == 10
    assert await counts(collections) == (0, 0)


SOME = ObjectId()
REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "no items": ({"items": []}, [("items", "TOO_SHORT")]),
    "too many items": ({"items": [item(ObjectId()) for _ in range(101)]}, [("items", "TOO_LONG")]),
    "none": ({"items": [item(SOME, 0)]}, [("items.0.quantity", "INVALID")]),
    "less than none": ({"items": [item(SOME, -1)]}, [("items.0.quantity", "INVALID")]),
    "too many": ({"items": [item(SOME, 10_001)]}, [("items.0.quantity", "INVALID")]),
    "all at once": (
        {"items": [item(ObjectId(), 0), item(SOME), item(ObjectId(), -5)], "idempotencyKey": ""},
        [("items.0.quantity", "INVALID"), ("items.2.quantity", "INVALID"), ("idempotencyKey", "TOO_SHORT")],
    ),
    "a product twice": (
        {"items": [item(SOME), item(ObjectId()), item(SOME, 2)]},
        [("items.0.productId", "INVALID"), ("items.2.productId", "INVALID")],
    ),
    "a long key": ({"items": [item(SOME)], "idempotencyKey": "k" * 201}, [("idempotencyKey", "TOO_LONG")]),
    "a key with NUL": ({"items": [item(SOME)], "idempotencyKey": "k\0"}, [("idempotencyKey", "INVALID")]),
    "a key in pieces": ({"items": [item(SOME)], "idempotencyKey": "k\nk"}, [("idempotencyKey", "INVALID")]),
}


@pytest.mark.parametrize(("form", "expected"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_makes_no_order_is_refused_and_nothing_is_written(
    ada: Client, collections: Collections, form: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert faults((await ada.data(PLACE, {"input": form}))["orderPlace"]) == expected
    assert await counts(collections) == (0, 0)


MALFORMED: dict[str, Any] = {
    "a huge quantity": {"items": [item(SOME, 2**31)]},
    "a quantity beyond any number": {"items": [item(SOME, 10**40)]},
    "a broken quantity": {"items": [item(SOME, 1.5)]},
    "a quantity as text": {"items": [item(SOME, "1")]},
    "no quantity": {"items": [item(SOME, None)]},
    "an operator as the quantity": {"items": [item(SOME, {"$gt": 0})]},
    "an operator as the product": {"items": [{"productId": {"$ne": None}, "quantity": 1}]},
    "an operator as the key": {"items": [item(SOME)], "idempotencyKey": {"$ne": None}},
    "the id of a user": {"items": [{"productId": to_global_id("User", SOME), "quantity": 1}]},
    "no id": {"items": [{"productId": '{"$ne": null}', "quantity": 1}]},
    "a surrogate in the key": {"items": [item(SOME)], "idempotencyKey": 5},
    "no items": {"idempotencyKey": "k"},
}


@pytest.mark.parametrize("form", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_form_is_a_bad_request_and_nothing_is_written(
    ada: Client, collections: Collections, form: dict[str, Any]
) -> None:
    assert await ada.codes(PLACE, {"input": form}) == ["BAD_USER_INPUT"]
    assert await counts(collections) == (0, 0)


async def test_an_operator_in_the_key_is_a_name_like_any_other(ada: Client, collections: Collections) -> None:
    lamp = await add_product(collections)
    first = await place(ada, item(lamp), key="some key")
    second = await place(ada, item(lamp), key='{"$ne": null}')
    assert first["order"]["id"] != second["order"]["id"]
    assert await counts(collections) == (2, 2)


async def test_the_same_key_and_items_are_answered_by_the_first_order(ada: Client, collections: Collections) -> None:
    lamp, chair = await add_product(collections, stock=1), await add_product(collections, stock=1)
    first = await place(ada, item(lamp), item(chair), key="k")
    assert first["order"]
    assert await place(ada, item(lamp), item(chair), key="k") == first
    assert await place(ada, item(chair), item(lamp), key="k") == first
    assert await counts(collections) == (1, 1)
    await collections.products.update_many({}, {"$set": {"is_archived": True}})
    assert await place(ada, item(lamp), item(chair), key="k") == first


async def test_an_order_is_found_by_its_key_without_a_look_at_the_users_others(
    ada: Client, collections: Collections
) -> None:
    async with watched(collections) as calls:
        await place(ada, item(await add_product(collections)), key="k")
    plans = {call.plan for call in calls if call.name == "find" and call.collection == "orders"}
    assert plans == {"IXSCAN { user_id: 1, idempotency_key: 1 }"}


async def test_the_first_order_is_answered_as_it_stands_now(ada: Client, collections: Collections) -> None:
    lamp = await add_product(collections)
    first = await place(ada, item(lamp), key="k")
    await cancel(ada, first["order"]["id"])
    again = await place(ada, item(lamp), key="k")
    assert (again["order"]["status"], again["job"]) == ("CANCELLED", first["job"])
    assert await stock_of(collections, lamp) == 10


async def test_the_same_key_with_other_items_is_refused(ada: Client, collections: Collections) -> None:
    lamp, chair = await add_product(collections), await add_product(collections)
    await place(ada, item(lamp), key="k")
    for items in ([item(lamp, 2)], [item(chair)], [item(lamp), item(chair)]):
        assert faults(await place(ada, *items, key="k")) == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]
    assert (await stock_of(collections, lamp), await stock_of(collections, chair)) == (9, 10)
    assert await counts(collections) == (1, 1)


async def test_a_key_is_free_again_after_a_refusal(ada: Client, collections: Collections) -> None:
    lamp = await add_product(collections, stock=0)
    assert faults(await place(ada, item(lamp), key="k")) == [("items.0.quantity", "OUT_OF_STOCK")]
    await collections.products.update_one({"_id": lamp}, {"$set": {"stock": 1, "in_stock": True}})
    assert (await place(ada, item(lamp), key="k"))["order"]


async def test_a_key_is_each_users_own(
    ada: Client, client: Client, collections: Collections, settings: Settings
) -> None:
    (bob,) = await signed_in(client, collections, settings, ["Bob"])
    lamp = await add_product(collections)
    first, second = await asyncio.gather(place(ada, item(lamp), key="k"), place(bob, item(lamp, 2), key="k"))
    assert first["order"]["id"] != second["order"]["id"]
    assert (second["order"]["user"], await stock_of(collections, lamp)) == ({"email": "bob@example.com"}, 7)


async def test_without_a_key_each_call_is_an_order(ada: Client, collections: Collections) -> None:
    lamp = await add_product(collections)
    for _ in range(2):
        await place(ada, item(lamp))
    assert await counts(collections) == (2, 2)
    assert await stock_of(collections, lamp) == 8


def _line(name: str, quantity: int, price: str, total: str) -> dict[str, Any]:
    return {
        "name": name,
        "quantity": quantity,
        "price": {"amount": price, "currencyCode": "EUR"},
        "total": {"amount": total, "currencyCode": "EUR"},
    }
