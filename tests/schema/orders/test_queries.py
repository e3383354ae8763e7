"""Who sees which orders, over GraphQL, and what MongoDB does for it."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.access import Role
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import cancel, item, place, signed_in
from tests.support.profiler import Call, watched

pytestmark = pytest.mark.anyio

ONE = "query($id: ID!){order(id:$id){id}}"
NODE = "query($id: ID!){node(id:$id){id __typename ... on Order{number total{amount}}}}"
NODES = "query($ids: [ID!]!){nodes(ids:$ids){id}}"
LIST = """query($w: OrderWhere, $f: Int, $a: String, $l: Int, $b: String) {
  orders(where: $w, first: $f, after: $a, last: $l, before: $b) {
    nodes { id status } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


@pytest.fixture
async def people(client: Client, collections: Collections, settings: Settings) -> tuple[Client, Client, Client]:
    """Ada and Bob, who buy, and somebody who reads all orders."""
    ada, bob = await signed_in(client, collections, settings, ["Ada", "Bob"])
    (admin,) = await signed_in(client, collections, settings, ["Root"], Role.ADMIN)
    return ada, bob, admin


async def _ordered(client: Client, collections: Collections, times: int = 1) -> list[str]:
    """The ids of new orders, the newest first."""
    ids = [(await place(client, item(await add_product(collections))))["order"]["id"] for _ in range(times)]
    return ids[::-1]


async def _listed(client: Client, **variables: Any) -> list[str]:  # noqa: ANN401  # whatever a list takes
    return [node["id"] for node in (await client.data(LIST, variables))["orders"]["nodes"]]


async def test_an_order_is_seen_by_whose_it_is_and_by_who_may_read_orders(
    people: tuple[Client, Client, Client], client: Client, collections: Collections
) -> None:
    ada, bob, admin = people
    (order_id,) = await _ordered(ada, collections)
    for viewer, is_seen in ((ada, True), (admin, True), (bob, False), (client, False)):
        seen = {"id": order_id} if is_seen else None
        assert (await viewer.data(ONE, {"id": order_id}))["order"] == seen
        assert (await viewer.data(NODES, {"ids": [order_id]}))["nodes"] == [seen]
        node = (await viewer.data(NODE, {"id": order_id}))["node"]
        assert (
            (node["id"], node["__typename"], node["total"]) == (order_id, "Order", {"amount": "19.99"})
            if (is_seen)
            else node is None
        )


async def test_an_order_that_is_not_there_is_null_and_a_foreign_id_a_bad_request(
    people: tuple[Client, Client, Client],
) -> None:
    ada, _, _ = people
    assert (await ada.data(ONE, {"id": to_global_id("Order", ObjectId())}))["order"] is None
    for wrong in ("x", to_global_id("User", ObjectId()), '{"$ne": null}'):
        assert await ada.codes(ONE, {"id": wrong}) == ["BAD_USER_INPUT"]


async def test_people_list_their_own_orders_and_who_may_read_orders_all_of_them(
    people: tuple[Client, Client, Client], client: Client, collections: Collections
) -> None:
    ada, bob, admin = people
    adas = await _ordered(ada, collections, 3)
    bobs = await _ordered(bob, collections, 2)
    assert await _listed(ada) == adas
    assert await _listed(bob) == bobs
    assert await _listed(admin) == bobs + adas
    assert await client.codes(LIST) == ["UNAUTHENTICATED"]


async def test_orders_are_filtered_by_status_and_user(
    people: tuple[Client, Client, Client], collections: Collections
) -> None:
    ada, bob, admin = people
    adas, bobs = await _ordered(ada, collections, 3), await _ordered(bob, collections, 2)
    await cancel(ada, adas[1])
    await cancel(bob, bobs[0])
    ada_id, bob_id = [(await each.data("{me{user{id}}}"))["me"]["user"]["id"] for each in (ada, bob)]
    assert await _listed(ada, w={"status": "CANCELLED"}) == [adas[1]]
    assert await _listed(ada, w={"status": "PENDING", "userId": ada_id}) == [adas[0], adas[2]]
    assert await _listed(admin, w={"userId": ada_id}) == adas
    assert await _listed(admin, w={"userId": bob_id, "status": "CANCELLED"}) == [bobs[0]]
    assert await _listed(admin, w={"status": "CANCELLED"}) == [bobs[0], adas[1]]
    assert await _listed(admin, w={"status": "SHIPPED"}) == []
    assert await _listed(admin, w={"userId": to_global_id("User", ObjectId())}) == []
    assert await ada.codes(LIST, {"w": {"userId": bob_id}}) == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "variables",
    [
        {"w": {"userId": "x"}},
        {"w": {"userId": to_global_id("Order", ObjectId("0" * 24))}},
        {"w": {"status": {"$ne": None}}},
        {"w": {"status": "LOST"}},
        {"f": 0},
        {"f": 101},
        {"f": 1, "l": 1},
        {"a": "x"},
    ],
)
async def test_a_list_that_makes_no_sense_is_refused(
    people: tuple[Client, Client, Client], variables: dict[str, Any]
) -> None:
    assert await people[2].codes(LIST, variables) == ["BAD_USER_INPUT"]


async def test_orders_are_walked_in_pages_forward_and_back(
    people: tuple[Client, Client, Client], collections: Collections
) -> None:
    ada, _, _ = people
    adas = await _ordered(ada, collections, 5)
    first = (await ada.data(LIST, {"f": 2}))["orders"]
    second = (await ada.data(LIST, {"f": 2, "a": first["pageInfo"]["endCursor"]}))["orders"]
    back = (await ada.data(LIST, {"l": 2, "b": second["pageInfo"]["startCursor"]}))["orders"]
    assert [node["id"] for node in first["nodes"] + second["nodes"]] == adas[:4]
    assert (back["nodes"], first["totalCount"], second["pageInfo"]["hasNextPage"]) == (first["nodes"], 5, True)


async def test_a_product_that_is_off_sale_is_seen_by_who_manages_the_catalogue_alone(
    people: tuple[Client, Client, Client], collections: Collections
) -> None:
    ada, _, admin = people
    (order_id,) = await _ordered(ada, collections)
    await collections.products.update_many({}, {"$set": {"is_archived": True}})
    query = "query($id: ID!){order(id:$id){lines{name product{name}}}}"
    assert (await ada.data(query, {"id": order_id}))["order"]["lines"] == [{"name": "Oak Lamp", "product": None}]
    assert (await admin.data(query, {"id": order_id}))["order"]["lines"][0]["product"] == {"name": "Oak Lamp"}


async def test_orders_with_their_products_and_users_are_three_calls_however_many_there_are(
    people: tuple[Client, Client, Client], collections: Collections
) -> None:
    ada, bob, admin = people
    await _ordered(ada, collections, 3)
    await _ordered(bob, collections, 3)
    query = "{orders{nodes{number lines{quantity product{name}} total{amount} user{name}}}}"
    await admin.data("{me{user{id}}}")
    async with watched(collections) as calls:
        assert len((await admin.data(query))["orders"]["nodes"]) == 6
    finds = [call for call in calls if call.name == "find" and call.collection != "sessions"]
    assert sorted(call.collection for call in finds if "number" in call.fields or call.collection == "products") == [
        "orders",
        "products",
    ]
    (orders,) = [call for call in finds if call.collection == "orders"]
    assert {"lines.quantity", "lines.product_id", "total.amount", "number", "user_id"} <= orders.fields
    assert not {"lines", "history", "idempotency_key"} & orders.fields
    assert len([call for call in finds if call.collection == "users" and call.fields == {"_id", "name"}]) == 1


INDEXES = {
    "": "newest",
    "status": "status_newest",
    "user": "user_id_newest",
    "user status": "user_id_status_newest",
}


@pytest.mark.parametrize("asked", INDEXES)
@pytest.mark.parametrize("page", [{"f": 2}, {"l": 2}, {"f": 2, "a": True}, {"l": 2, "b": True}], ids=str)
async def test_each_filter_is_one_range_of_its_index(
    people: tuple[Client, Client, Client], collections: Collections, asked: str, page: dict[str, Any]
) -> None:
    ada, _, admin = people
    await _ordered(ada, collections, 4)
    where = {"status": "PENDING"} if "status" in asked else {}
    if "user" in asked:
        where["userId"] = (await ada.data("{me{user{id}}}"))["me"]["user"]["id"]
    cursor = (await admin.data(LIST, {"w": where, "f": 2}))["orders"]["pageInfo"]["endCursor"]
    variables = {name: cursor if value is True else value for name, value in page.items()}
    async with watched(collections) as calls:
        await admin.data(LIST, {"w": where, **variables})
    (find,) = [call for call in calls if call.name == "find" and call.collection == "orders"]
    stages = await _stages(collections, find)
    assert {stage["stage"] for stage in stages}.isdisjoint({"SORT", "COLLSCAN"})
    assert {stage["indexName"] for stage in stages if "indexName" in stage} == {INDEXES[asked]}


async def _stages(collections: Collections, find: Call) -> list[dict[str, Any]]:
    """The stages of the plan by which MongoDB answers the command."""
    command = {key: find.command[key] for key in ("find", "filter", "sort", "limit", "hint", "projection")}
    explained = await collections.command("explain", command)
    return list(_walk(explained["queryPlanner"]["winningPlan"]))


def _walk(stage: dict[str, Any]) -> list[dict[str, Any]]:
    stage = stage.get("queryPlan", stage)
    inner = [*stage.get("inputStages", []), *([stage["inputStage"]] if "inputStage" in stage else [])]
    return [stage, *(found for each in inner for found in _walk(each))]
