"""Products as customers look for them, over GraphQL."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.nodes import to_global_id
from tests.support.application import Client, Collections
from tests.support.catalog import add_product, category_document
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

LIST = """
query(
  $where: ProductWhere, $sort: ProductSort! = CREATED_AT_DESC, $first: Int, $after: String, $last: Int, $before: String
) {
  products(where: $where, sortBy: $sort, first: $first, after: $after, last: $last, before: $before) {
    nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}"""
WITH_CATEGORY = "{products(first: 50){nodes{name price{amount currencyCode} category{name parent{name}}}}}"


async def _names(client: Client, **variables: Any) -> list[str]:  # noqa: ANN401  # any argument
    return [product["name"] for product in (await client.data(LIST, variables))["products"]["nodes"]]


async def test_a_list_is_filtered_sorted_and_paged(client: Client, collections: Collections) -> None:
    for number, amount in enumerate([500, 300, 400, 100, 200]):
        await add_product(collections, name=f"Lamp {number}", amount=amount, stock=number)
    assert await _names(client, sort="PRICE_ASC", first=2) == ["Lamp 3", "Lamp 4"]
    page = (await client.data(LIST, {"sort": "PRICE_ASC", "first": 2}))["products"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (5, True)
    assert await _names(client, sort="PRICE_ASC", first=2, after=page["pageInfo"]["endCursor"]) == ["Lamp 1", "Lamp 2"]
    assert await _names(client, sort="NAME_DESC", last=2) == ["Lamp 1", "Lamp 0"]
    where = {"OR": [{"price": {"gte": "4"}}, {"name": {"in": ["lamp 3"]}}], "NOT": {"inStock": False}}
    assert await _names(client, sort="NAME_ASC", where=where) == ["Lamp 2", "Lamp 3"]


async def test_a_category_holds_what_stands_below_it(client: Client, collections: Collections) -> None:
    root = category_document("Lighting")
    leaf = category_document("Lamps", (root["_id"],))
    await collections["categories"].insert_many([root, leaf])
    await add_product(collections, name="Lamp", place_ids=(root["_id"], leaf["_id"]))
    await add_product(collections, name="Bulb", place_ids=(root["_id"],))
    ids = [to_global_id("Category", document["_id"]) for document in (root, leaf)]
    found = [await _names(client, sort="NAME_ASC", where={"categoryId": id_}) for id_ in ids]
    assert found == [["Bulb", "Lamp"], ["Lamp"]]


async def test_fifty_products_with_their_categories_are_two_calls_and_three_with_what_is_above(
    client: Client, collections: Collections
) -> None:
    root = category_document("Lighting")
    leaves = [category_document(f"Lamps {number}", (root["_id"],)) for number in range(7)]
    await collections["categories"].insert_many([root, *leaves])
    for number in range(50):
        await add_product(collections, name=f"Lamp {number}", place_ids=(root["_id"], leaves[number % 7]["_id"]))
    async with watched(collections) as calls:
        nodes = (await client.data(WITH_CATEGORY.replace(" parent{name}", "")))["products"]["nodes"]
    assert [call.collection for call in calls] == ["products", "categories"]
    assert len(nodes) == 50
    assert calls[0].fields == {"_id", "name", "price.amount", "price.currency_code", "category_id", "created_at"}
    async with watched(collections) as calls:
        nodes = (await client.data(WITH_CATEGORY))["products"]["nodes"]
    assert [call.collection for call in calls] == ["products", "categories", "categories"]
    assert {node["category"]["parent"]["name"] for node in nodes} == {"Lighting"}


async def test_a_product_is_found_by_its_id_and_by_its_slug(client: Client, collections: Collections) -> None:
    product_id = to_global_id("Product", await add_product(collections, name="Lamp", slug="lamp"))
    one = "query($id: ID, $slug: String) { product(id: $id, slug: $slug) { id name } }"
    found = {"product": {"id": product_id, "name": "Lamp"}}
    assert await client.data(one, {"id": product_id}) == found
    assert await client.data(one, {"slug": "lamp"}) == found
    for slug in ("LAMP", "", '{"$ne": null}', ".*"):
        assert await client.data(one, {"slug": slug}) == {"product": None}
    assert await client.data(one, {"id": to_global_id("Product", ObjectId())}) == {"product": None}
    for bad in (
        {},
        {"id": product_id, "slug": "lamp"},
        {"id": ""},
        {"id": to_global_id("User", ObjectId())},
    ):
        assert await client.codes(one, bad) == ["BAD_USER_INPUT"]


def _nested(levels: int) -> dict[str, Any]:
    return {"NOT": _nested(levels - 1)} if levels else {"search": "lamp"}


BAD: dict[str, dict[str, Any]] = {
    "first: 0": {"first": 0},
    "first: 101": {"first": 101},
    "first: -1": {"first": -1},
    "last: 0": {"last": 0},
    "both directions": {"first": 1, "last": 1},
    "a malformed cursor": {"after": "no cursor"},
    "no cursor at all": {"before": ""},
    "an order there is not": {"sort": "STOCK_ASC"},
    "an id of no category": {"where": {"categoryId": "x"}},
    "an operator": {"where": {"name": {"eq": {"$ne": None}}}},
    "NUL": {"where": {"search": "a\0"}},
    "an empty text": {"where": {"name": {"contains": ""}}},
    "a long text": {"where": {"search": "a" * 101}},
    "too many values": {"where": {"slug": {"in": ["a"] * 21}}},
    "no value": {"where": {"slug": {"in": []}}},
    "too many filters": {"where": {"OR": [{"AND": [{"inStock": True}] * 10}] * 10}},
    "too many filters in one": {"where": {"AND": [{"inStock": True}] * 21}},
    "filters too deep": {"where": _nested(11)},
    "filters far too deep": {"where": _nested(300)},
    "a price below nothing": {"where": {"price": {"gte": "-1"}}},
    "a price that is none": {"where": {"price": {"eq": "NaN"}}},
    "a price without end": {"where": {"price": {"lte": "1e99"}}},
    "a price with more digits than are exact": {"where": {"price": {"eq": "5.00000000000000000000000000001"}}},
    "a price in another alphabet": {"where": {"price": {"eq": "١٩"}}},
    "a price of Python's": {"where": {"price": {"eq": "1_0"}}},
    "a price of yes": {"where": {"price": {"eq": True}}},
    "a text that is long when written out": {"where": {"search": "ﷺ" * 90}},
    "many filters": {"where": {"OR": [{}] * 300}},
    "archived ones among others": {"where": {"AND": [{"archived": True}]}},
    "a price of text": {"where": {"price": {"lte": "much"}}},
}


@pytest.mark.parametrize("variables", BAD.values(), ids=BAD.keys())
async def test_bad_arguments_are_bad_input(client: Client, variables: dict[str, Any]) -> None:
    assert await client.codes(LIST, variables) == ["BAD_USER_INPUT"]


async def test_a_cursor_serves_its_own_order_alone(client: Client, collections: Collections) -> None:
    for name in ("Lamp", "Table"):
        await add_product(collections, name=name)
    cursor = (await client.data(LIST, {"sort": "NAME_ASC", "first": 1}))["products"]["pageInfo"]["endCursor"]
    assert await _names(client, sort="NAME_ASC", after=cursor) == ["Table"]
    for sort in ("NAME_DESC", "PRICE_ASC", "CREATED_AT_ASC"):
        assert await client.codes(LIST, {"sort": sort, "after": cursor}) == ["BAD_USER_INPUT"]


HARMLESS = ['{"$ne": null}', "(a+)+$", "$where", ".*", "^", "\\", "%", "' OR 1=1"]


@pytest.mark.parametrize("text", HARMLESS)
async def test_patterns_and_operators_are_plain_text(client: Client, collections: Collections, text: str) -> None:
    await add_product(collections, name="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")
    name = f"Lamp {text} 2"
    await add_product(collections, name=name)
    for where in ({"contains": text}, {"startsWith": f"lamp {text}"}, {"eq": name}, {"in": [name, text]}):
        assert await _names(client, where={"name": where}) == [name]
    assert await _names(client, where={"slug": {"eq": text}}) == []


async def test_what_is_wrong_with_a_filter_is_named_as_the_client_names_it(client: Client) -> None:
    where = {"OR": [{"name": {"in": [], "startsWith": ""}}]}
    (error,) = (await client.post(LIST, {"where": where})).json()["errors"]
    assert error["message"] == (
        "where.OR.0.name.in: There must be at least 1. where.OR.0.name.startsWith: It must have at least 1 characters."
    )


async def test_a_price_in_a_query_is_taken_as_it_is_written(client: Client, collections: Collections) -> None:
    await add_product(collections, name="Lamp", amount=500)
    for price in ("5", "5.00", '"5.0"', "5e0", "50E-1"):
        found = await client.data(f"{{products(where: {{price: {{eq: {price}}}}}) {{totalCount}}}}")
        assert found == {"products": {"totalCount": 1}}
    written = "{products(where: {price: {eq: 4.9999999999999999999}}) {totalCount}}"
    assert await client.codes(written) == ["BAD_USER_INPUT"]
