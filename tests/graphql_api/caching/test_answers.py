"""Answers to anonymous queries of public data, from a real API process: kept, and dropped when something changes."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator

import httpx
import pytest
from redis.asyncio import Redis

from schema.access import Role
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections, running_api, serving
from tests.support.catalog import add_product
from tests.support.metrics import scrape
from tests.support.orders import cancel, item, place, signed_in
from tests.support.processes import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

PAGE = "query($first: Int) { products(first: $first) { nodes { name stock inStock price { amount } } } }"
SHOWN = "{ products { nodes { name stock inStock } } }"


@pytest.fixture(name="visitor")
async def _visitor(api: Server) -> AsyncIterator[Client]:
    """Somebody who shows nothing of themselves."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        yield Client(http)


@pytest.fixture(name="admin")
async def _admin(api: Server, collections: Collections, settings: Settings) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        yield (await signed_in(Client(http), collections, settings, ["Grace"], Role.ADMIN))[0]


@pytest.fixture(name="buyer")
async def _buyer(api: Server, collections: Collections, settings: Settings) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        yield (await signed_in(Client(http), collections, settings, ["Ada"]))[0]


def _counted(api: Server) -> dict[str, float]:
    """How many answers came from where."""
    samples = scrape(api.url)
    names = ("hit", "joined", "miss", "away")
    counts = {each: samples.total("postberry_public_answers_total", outcome=each) for each in names}
    return {name: count for name, count in counts.items() if count}


async def _kept(visitor: Client, api: Server, query: str = SHOWN) -> None:
    """The answer to it is in Redis: the next one will come from there."""

    async def is_hit() -> bool:
        before = _counted(api).get("hit", 0)
        await visitor.data(query)
        return _counted(api).get("hit", 0) > before

    await eventually(is_hit, "An answer that was kept", 10)


async def _stock(visitor: Client) -> list[int]:
    return [each["stock"] for each in (await visitor.data(SHOWN))["products"]["nodes"]]


async def test_the_next_one_who_asks_is_answered_the_same_from_redis(
    visitor: Client, api: Server, collections: Collections
) -> None:
    await add_product(collections, stock=7)
    await _kept(visitor, api)
    hits = _counted(api)["hit"]
    again, signed = await visitor.post(SHOWN), await visitor.post(SHOWN, cookie="a=b")
    assert (
        again.json()["data"]
        == signed.json()["data"]
        == {"products": {"nodes": [{"name": "Oak Lamp", "stock": 7, "inStock": True}]}}
    )
    assert again.headers["x-request-id"] != signed.headers["x-request-id"]
    assert again.headers["cache-control"] == "no-store"
    costs = [each.json()["extensions"]["cost"] for each in (again, signed)]
    assert costs[0]["requested"] == costs[1]["requested"] == 21
    assert costs[0]["actual"] == costs[1]["actual"] == 2
    assert _counted(api)["hit"] == hits + 1


async def test_variables_that_differ_are_other_questions_and_those_nobody_declared_are_none(
    visitor: Client, collections: Collections, settings: Settings
) -> None:
    for number in range(3):
        await add_product(collections, stock=number)
    for first in (1, 2, 3, None, 2, 1):
        nodes = (await visitor.data(PAGE, {"first": first}))["products"]["nodes"]
        assert len(nodes) == (first or 3)
    await visitor.data(PAGE, {"first": 2, "nothing": "x"})
    await visitor.data(PAGE)

    async def are_five() -> bool:
        async with Redis.from_url(settings.redis_url) as redis:
            names = [name async for name in redis.scan_iter("{postberry:answer}:*") if b":version:" not in name]
            assert all([0 < await redis.ttl(name) <= 30 for name in names])
            return len(names) == 5

    await eventually(are_five, "The five answers, each for a while")


async def test_a_change_of_a_product_is_seen_at_once(
    visitor: Client, admin: Client, api: Server, collections: Collections
) -> None:
    product_id = to_global_id("Product", await add_product(collections, stock=1))
    update = "mutation($i: ProductUpdateInput!) { productUpdate(input: $i) { userErrors { code } } }"
    for stock in range(2, 12):
        await _kept(visitor, api)
        assert (await admin.data(update, {"i": {"id": product_id, "stock": stock}}))["productUpdate"] == {
            "userErrors": []
        }
        assert await _stock(visitor) == [stock]
    for name, seen in [("productArchive", []), ("productRestore", [11])]:
        await _kept(visitor, api)
        await admin.data(
            f"mutation($i: ProductIdInput!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}",
            {"i": {"id": product_id}},
        )
        assert await _stock(visitor) == seen
    create = "mutation($i: ProductCreateInput!) { productCreate(input: $i) { product { id } userErrors { code } } }"
    category = (await visitor.data("{ categories { nodes { id } } }"))["categories"]["nodes"][0]["id"]
    new = {"name": "Chair", "price": {"amount": "5", "currencyCode": "EUR"}, "stock": 3, "categoryId": category}
    assert (await admin.data(create, {"i": new}))["productCreate"]["product"]
    assert await _stock(visitor) == [3, 11]


async def test_a_new_category_is_seen_at_once(visitor: Client, admin: Client, api: Server) -> None:
    tree = "{ categories { totalCount } }"
    await _kept(visitor, api, tree)
    create = 'mutation { categoryCreate(input: {name: "Chairs"}) { category { id } } }'
    assert (await admin.data(create))["categoryCreate"]["category"]
    assert await visitor.data(tree) == {"categories": {"totalCount": 1}}


async def test_what_is_sold_and_what_comes_back_is_seen_at_once(
    visitor: Client, buyer: Client, api: Server, collections: Collections
) -> None:
    product_id = await add_product(collections, stock=3)
    await _kept(visitor, api)
    order = (await place(buyer, item(product_id, 3)))["order"]
    assert (await visitor.data(SHOWN))["products"]["nodes"] == [{"name": "Oak Lamp", "stock": 0, "inStock": False}]
    await _kept(visitor, api)
    await cancel(buyer, order["id"])
    assert (await visitor.data(SHOWN))["products"]["nodes"] == [{"name": "Oak Lamp", "stock": 3, "inStock": True}]


async def test_a_change_in_one_process_is_seen_at_once_in_the_other(
    visitor: Client, admin: Client, settings: Settings, collections: Collections
) -> None:
    product_id = to_global_id("Product", await add_product(collections, stock=1))
    update = "mutation($i: ProductUpdateInput!) { productUpdate(input: $i) { userErrors { code } } }"
    with running_api(settings) as other:
        async with httpx.AsyncClient(base_url=other.url, timeout=30) as http:
            for stock in range(2, 6):
                await _kept(Client(http), other)
                await admin.data(update, {"i": {"id": product_id, "stock": stock}})
                assert await _stock(Client(http)) == [stock]
    assert await _stock(visitor) == [5]


async def test_who_is_signed_in_neither_gets_what_is_kept_nor_fills_it(
    visitor: Client, admin: Client, buyer: Client, api: Server, collections: Collections
) -> None:
    await add_product(collections, stock=4)
    for _ in range(3):
        for somebody in (admin, buyer):
            assert await _stock(somebody) == [4]
        await visitor.post(SHOWN, cookie="session=1")
        await visitor.post(SHOWN, authorization="Basic eDp5")
    assert _counted(api) == {}
    await _kept(visitor, api)
    await collections.products.update_many({}, {"$set": {"stock": 9}})  # as no transaction of ours does
    assert await _stock(visitor) == [4]
    assert await _stock(admin) == await _stock(buyer) == [9]


async def test_only_what_is_public_altogether_is_kept(visitor: Client, api: Server, collections: Collections) -> None:
    product_id = to_global_id("Product", await add_product(collections))
    everything = "query($y: Boolean = false) { products { totalCount } me @include(if: $y) { user { id } } }"
    for query in ("{ me { user { id } } }", "{ __typename }", f'{{ node(id: "{product_id}") {{ id }} }}', everything):
        for _ in range(3):
            await visitor.data(query)
    assert _counted(api) == {}


async def test_errors_are_not_kept(visitor: Client, api: Server) -> None:
    for query in ('{ product(id: "x") { id } }', "{ products(where: {archived: true}) { totalCount } }"):
        for _ in range(3):
            assert (await visitor.post(query)).json()["errors"]
    assert "hit" not in _counted(api)
    assert sum(_counted(api).values()) == 6


async def test_those_who_ask_the_same_at_once_are_answered_together(
    visitor: Client, api: Server, collections: Collections
) -> None:
    for number in range(60):
        await add_product(collections, stock=number, name=f"Lamp {number}")
    sizes = itertools.count(1)

    async def are_joined() -> bool:
        first = next(sizes)
        answers = await asyncio.gather(*(visitor.data(PAGE, {"first": first}) for _ in range(20)))
        assert all(answer == answers[0] for answer in answers)
        assert len(answers[0]["products"]["nodes"]) == first
        return "joined" in _counted(api)

    await eventually(are_joined, "An answer to two at once", 30)


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
async def test_without_redis_everything_is_answered_as_it_is(
    settings: Settings, redis_server: Server, collections: Collections, fault: signal.Signals
) -> None:
    product_id = await add_product(collections, stock=8)
    with running_api(settings.model_copy(update={"redis_url": redis_server.url})) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            visitor = Client(http)
            (buyer,) = await signed_in(visitor, collections, settings, ["Ada"])
            await _kept(visitor, api)
            redis_server.process.send_signal(fault)
            assert await _stock(visitor) == [8]
            assert (await place(buyer, item(product_id, 3)))["userErrors"] == []
            assert await _stock(visitor) == [5]
            redis_server.process.send_signal(signal.SIGCONT)
            assert (await place(buyer, item(product_id, 3)))["userErrors"] == []
            assert await _stock(visitor) == [2]


async def test_a_change_that_redis_was_not_told_of_is_told_when_it_is_back(
    settings: Settings, redis_server: Server, collections: Collections
) -> None:
    product_id = await add_product(collections, stock=8)
    with running_api(settings.model_copy(update={"redis_url": redis_server.url})) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            visitor = Client(http)
            (buyer,) = await signed_in(visitor, collections, settings, ["Ada"])
            await _kept(visitor, api)
            async with Redis.from_url(redis_server.url) as redis:
                await redis.acl_setuser(
                    "default", enabled=True, nopass=True, commands=["-set"]
                )  # it can be read, and told nothing
                assert (await place(buyer, item(product_id)))["userErrors"] == []
                for _ in range(30):
                    assert await _stock(visitor) == [7]
                await redis.acl_setuser("default", enabled=True, nopass=True, commands=["+set"])
            await _kept(visitor, api)
            assert await _stock(visitor) == [7]


async def test_what_somebody_else_wrote_into_redis_is_not_believed(
    visitor: Client, api: Server, settings: Settings, collections: Collections
) -> None:
    await add_product(collections, stock=7)
    await _kept(visitor, api)
    async with Redis.from_url(settings.redis_url) as redis:
        (name,) = [name async for name in redis.scan_iter("{postberry:answer}:*") if b":version:" not in name]
        entry = await redis.get(name)
        assert isinstance(entry, bytes)
        await redis.set(name, entry.replace(b'"stock":7', b'"stock":1'))
    assert await _stock(visitor) == [7]


async def test_it_can_be_switched_off(settings: Settings, collections: Collections) -> None:
    await add_product(collections, stock=7)
    with running_api(settings.model_copy(update={"answer_cache_enabled": False})) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            for _ in range(3):
                assert await _stock(Client(http)) == [7]
        assert _counted(api) == {}


async def test_what_is_kept_costs_a_client_what_it_costs_to_make(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"query_budget": 60, "query_budget_restore": 1})) as visitor:
        answers = [await visitor.post(PAGE, {"first": 20}) for _ in range(60)]
        assert (await visitor.codes(PAGE, {"first": 20})) == ["RATE_LIMITED"]
        assert answers[0].json()["extensions"]["cost"]["requested"] == 41
