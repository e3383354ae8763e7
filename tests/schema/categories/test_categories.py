"""Categories as customers see them and administrators make them, over GraphQL."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.categories.model import MAX_DEPTH
from schema.nodes import to_global_id
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.catalog import category_document
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

CREATE = """mutation($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id name slug parent { name } } userErrors { field code } }
}"""
LIST = """query($parent: ID, $first: Int) {
  categories(parentId: $parent, first: $first) { nodes { name parent { name } ancestors { name } } totalCount }
}"""


async def _create(client: Client, **values: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    return dict((await client.data(CREATE, {"input": {"name": "Lighting"} | values}))["categoryCreate"])


async def test_a_tree_is_made_and_read_with_what_is_above_in_three_calls(
    client: Client, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    root = (await _create(admin))["category"]
    leaf = (await _create(admin, name="Floor Lamps", parentId=root["id"]))["category"]
    assert root == {"id": root["id"], "name": "Lighting", "slug": "lighting", "parent": None}
    assert leaf == {"id": leaf["id"], "name": "Floor Lamps", "slug": "floor-lamps", "parent": {"name": "Lighting"}}
    below = {"name": "Floor Lamps", "parent": {"name": "Lighting"}, "ancestors": [{"name": "Lighting"}]}
    top: dict[str, Any] = {"name": "Lighting", "parent": None, "ancestors": []}
    async with watched(collections) as calls:
        assert (await client.data(LIST))["categories"] == {"nodes": [below, top], "totalCount": 2}
    assert len(calls) == 3
    assert (await client.data(LIST, {"parent": root["id"]}))["categories"] == {"nodes": [below], "totalCount": 1}


async def test_a_category_is_found_by_its_id_and_its_slug_and_the_top_of_the_tree_by_itself(
    client: Client, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    root = (await _create(admin))["category"]
    await _create(admin, name="Floor Lamps", parentId=root["id"])
    one = "query($id: ID, $slug: String) { category(id: $id, slug: $slug) { id } }"
    for named in ({"id": root["id"]}, {"slug": "lighting"}):
        assert await client.data(one, named) == {"category": {"id": root["id"]}}
    assert await client.data(one, {"slug": "LIGHTING"}) == {"category": None}
    for bad in ({}, {"id": root["id"], "slug": "lighting"}, {"id": to_global_id("Product", ObjectId())}):
        assert await client.codes(one, bad) == ["BAD_USER_INPUT"]
    assert await client.data("{categories(isTop: true){nodes{id}}}") == {"categories": {"nodes": [{"id": root["id"]}]}}


async def test_the_same_name_twice_gets_another_slug_and_the_same_slug_twice_is_refused(
    client: Client, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    slugs = [(await _create(admin))["category"]["slug"] for _ in range(2)]
    assert slugs[0] == "lighting"
    assert slugs[1].startswith("lighting-")
    refused = await _create(admin, slug="lighting")
    assert refused == {"category": None, "userErrors": [{"field": ["slug"], "code": "TAKEN"}]}
    assert await collections["categories"].count_documents({}) == 2


async def test_a_tree_is_only_so_deep(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    deepest = category_document("Deep", tuple(ObjectId() for _ in range(MAX_DEPTH - 1)))
    await collections["categories"].insert_one(deepest)
    refused = await _create(admin, parentId=to_global_id("Category", deepest["_id"]))
    assert refused == {"category": None, "userErrors": [{"field": ["parentId"], "code": "NOT_ALLOWED"}]}
    assert await collections["categories"].count_documents({}) == 1


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no name": ({"name": ""}, {"field": ["name"], "code": "TOO_SHORT"}),
    "two lines": ({"name": "a\nb"}, {"field": ["name"], "code": "INVALID"}),
    "a slug of operators": ({"slug": '{"$ne": null}'}, {"field": ["slug"], "code": "INVALID"}),
    "an unknown parent": (
        {"parentId": to_global_id("Category", ObjectId())},
        {"field": ["parentId"], "code": "NOT_FOUND"},
    ),
}


@pytest.mark.parametrize(("values", "error"), REFUSED.values(), ids=REFUSED.keys())
async def test_bad_values_are_named_and_nothing_is_written(
    client: Client, collections: Collections, values: dict[str, Any], error: dict[str, Any]
) -> None:
    admin = await administrator(client, collections)
    assert await _create(admin, **values) == {"category": None, "userErrors": [error]}
    assert await collections["categories"].count_documents({}) == 0


async def test_only_who_manages_the_catalogue_makes_categories(client: Client, collections: Collections) -> None:
    variables = {"input": {"name": "Lighting"}}
    assert await client.codes(CREATE, variables) == ["UNAUTHENTICATED"]
    assert await (await client.signed_up()).codes(CREATE, variables) == ["FORBIDDEN"]
    assert await collections["categories"].count_documents({}) == 0


async def test_ids_of_other_things_are_bad_input(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    for bad in ("", "x", to_global_id("Product", ObjectId()), '{"$ne": null}'):
        assert await client.codes(LIST, {"parent": bad}) == ["BAD_USER_INPUT"]
        assert await admin.codes(CREATE, {"input": {"name": "Lighting", "parentId": bad}}) == ["BAD_USER_INPUT"]
