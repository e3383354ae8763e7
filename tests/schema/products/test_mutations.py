"""Products as administrators handle them, over GraphQL."""

import asyncio
from typing import Any

import pytest
from odmantic import ObjectId

from schema.nodes import to_global_id
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.catalog import add_product, category_document

pytestmark = pytest.mark.anyio

SHOWN = "product { id name slug description price { amount currencyCode } stock inStock archivedAt category { id } }"
ERRORS = "userErrors { field message code }"
CREATE = f"mutation($input: ProductCreateInput!) {{ productCreate(input: $input) {{ {SHOWN} {ERRORS} }} }}"
UPDATE = f"mutation($input: ProductUpdateInput!) {{ productUpdate(input: $input) {{ {SHOWN} {ERRORS} }} }}"
ARCHIVE = f"mutation($input: ProductIdInput!) {{ productArchive(input: $input) {{ {SHOWN} {ERRORS} }} }}"
RESTORE = f"mutation($input: ProductIdInput!) {{ productRestore(input: $input) {{ {SHOWN} {ERRORS} }} }}"
FOUND = "query($w: ProductWhere) { products(where: $w) { nodes { name } } }"
NOWHERE = to_global_id("Category", ObjectId())
NOTHING = to_global_id("Product", ObjectId())


def _lamp(category_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    price = {"amount": "49.50", "currencyCode": "EUR"}
    return {"input": {"name": "Oak Lamp", "price": price, "stock": 3, "categoryId": category_id} | changes}


async def _category(collections: Collections, **options: Any) -> str:  # noqa: ANN401  # as the factory takes them
    document = category_document(**options)
    await collections["categories"].insert_one(document)
    return to_global_id("Category", document["_id"])


async def _names(client: Client, **where: Any) -> list[str]:  # noqa: ANN401  # any filter
    return [product["name"] for product in (await client.data(FOUND, {"w": where}))["products"]["nodes"]]


async def test_a_product_is_created_and_found(client: Client, collections: Collections) -> None:
    admin, category_id = await administrator(client, collections), await _category(collections)
    created = (await admin.data(CREATE, _lamp(category_id, description="Made by hand.")))["productCreate"]
    assert created["userErrors"] == []
    shown = {
        "name": "Oak Lamp",
        "slug": "oak-lamp",
        "description": "Made by hand.",
        "price": {"amount": "49.50", "currencyCode": "EUR"},
        "stock": 3,
        "inStock": True,
        "archivedAt": None,
        "category": {"id": category_id},
    }
    assert created["product"] == shown | {"id": created["product"]["id"]}
    assert await _names(client, search="handed lamps", categoryId=category_id, price={"eq": "49.5"}) == ["Oak Lamp"]


@pytest.mark.parametrize("name", ["Oak\u202epmaL", "\u200b", "Oak\nLamp", "\u2800"])
async def test_no_product_has_a_name_that_cannot_be_seen_or_rearranges_what_is_around_it(
    client: Client, collections: Collections, name: str
) -> None:
    admin, category_id = await administrator(client, collections), await _category(collections)
    refused = (await admin.data(CREATE, _lamp(category_id, name=name)))["productCreate"]
    assert [(fault["field"], fault["code"]) for fault in refused["userErrors"]] == [(["name"], "INVALID")]
    assert await collections.products.count_documents({}) == 0


async def test_the_same_name_twice_gets_another_slug_and_the_same_slug_twice_is_refused(
    client: Client, collections: Collections
) -> None:
    admin, category_id = await administrator(client, collections), await _category(collections)
    first, second = [(await admin.data(CREATE, _lamp(category_id)))["productCreate"]["product"] for _ in range(2)]
    assert first["slug"] == "oak-lamp"
    assert second["slug"].startswith("oak-lamp-")
    refused = (await admin.data(CREATE, _lamp(category_id, slug="oak-lamp")))["productCreate"]
    taken = [{"field": ["slug"], "message": "This slug is taken.", "code": "TAKEN"}]
    assert refused == {"product": None, "userErrors": taken}
    changed = (await admin.data(UPDATE, {"input": {"id": second["id"], "slug": "oak-lamp"}}))["productUpdate"]
    assert changed == {"product": None, "userErrors": taken}
    assert await collections["products"].count_documents({"slug": "oak-lamp"}) == 1


async def test_a_change_changes_what_it_names_and_how_the_product_is_found(
    client: Client, collections: Collections
) -> None:
    admin, category_id, other_id = (
        await administrator(client, collections),
        await _category(collections),
        await _category(collections, name="Outdoors"),
    )
    product = (await admin.data(CREATE, _lamp(category_id)))["productCreate"]["product"]
    changes = {"name": "Steel Lantern", "price": {"amount": "5", "currencyCode": "EUR"}, "categoryId": other_id}
    changed = (await admin.data(UPDATE, {"input": {"id": product["id"], **changes}}))["productUpdate"]["product"]
    assert (changed["name"], changed["slug"], changed["stock"]) == ("Steel Lantern", "oak-lamp", 3)
    assert changed["price"]["amount"] == "5.00"
    assert await _names(client, categoryId=category_id) == []
    assert await _names(client, search="lamp") == []
    found = {"categoryId": other_id, "name": {"contains": "lant"}, "price": {"lte": "5"}}
    assert await _names(client, **found) == ["Steel Lantern"]
    sold_out = (await admin.data(UPDATE, {"input": {"id": product["id"], "stock": 0}}))["productUpdate"]["product"]
    assert (sold_out["stock"], sold_out["inStock"], sold_out["name"]) == (0, False, "Steel Lantern")


async def test_an_archived_product_is_gone_for_customers_until_it_is_restored(
    client: Client, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    product_id = to_global_id("Product", await add_product(collections, name="Oak Lamp"))
    variables = {"input": {"id": product_id}}
    first = (await admin.data(ARCHIVE, variables))["productArchive"]["product"]["archivedAt"]
    assert first
    assert (await admin.data(ARCHIVE, variables))["productArchive"]["product"]["archivedAt"] == first
    one = "query($id: ID!) { product(id: $id) { name } node(id: $id) { id } }"
    assert await client.data(one, {"id": product_id}) == {"product": None, "node": None}
    assert await admin.data(one, {"id": product_id}) == {"product": {"name": "Oak Lamp"}, "node": {"id": product_id}}
    assert await _names(client) == []
    assert await client.codes(FOUND, {"w": {"archived": True}}) == ["UNAUTHENTICATED"]
    assert await (await client.signed_up()).codes(FOUND, {"w": {"archived": True}}) == ["FORBIDDEN"]
    assert await _names(admin, archived=True) == ["Oak Lamp"]
    assert (await admin.data(RESTORE, variables))["productRestore"]["product"]["archivedAt"] is None
    assert await _names(client) == ["Oak Lamp"]


@pytest.mark.parametrize("mutation", [UPDATE, ARCHIVE, RESTORE])
async def test_what_is_not_there_cannot_be_changed(client: Client, collections: Collections, mutation: str) -> None:
    admin = await administrator(client, collections)
    (payload,) = (await admin.data(mutation, {"input": {"id": NOTHING}})).values()
    unknown = {"field": ["id"], "message": "There is no such product.", "code": "NOT_FOUND"}
    assert payload == {"product": None, "userErrors": [unknown]}


EUR = "EUR"
REFUSED: dict[str, tuple[dict[str, Any], list[tuple[list[str], str]]]] = {
    "no name": ({"name": " "}, [(["name"], "TOO_SHORT")]),
    "a name of two lines": ({"name": "a\nb"}, [(["name"], "INVALID")]),
    "a name with NUL": ({"name": "a\0b"}, [(["name"], "INVALID")]),
    "a long name": ({"name": "a" * 101}, [(["name"], "TOO_LONG")]),
    "a slug of capitals": ({"slug": "Oak Lamp"}, [(["slug"], "INVALID")]),
    "a slug of operators": ({"slug": '{"$ne": null}'}, [(["slug"], "INVALID")]),
    "a long description": ({"description": "a" * 10_001}, [(["description"], "TOO_LONG")]),
    "a negative price": ({"price": {"amount": "-1", "currencyCode": EUR}}, [(["price", "amount"], "INVALID")]),
    "four decimals": ({"price": {"amount": "1.2345", "currencyCode": EUR}}, [(["price"], "INVALID")]),
    "a price without end": ({"price": {"amount": "1e30", "currencyCode": EUR}}, [(["price", "amount"], "INVALID")]),
    "a price of almost nothing": (
        {"price": {"amount": "1e-200", "currencyCode": EUR}},
        [(["price", "amount"], "INVALID")],
    ),
    "another currency": ({"price": {"amount": "1", "currencyCode": "USD"}}, [(["price", "currencyCode"], "INVALID")]),
    "no currency": ({"price": {"amount": "1", "currencyCode": "euro"}}, [(["price", "currencyCode"], "INVALID")]),
    "negative stock": ({"stock": -1}, [(["stock"], "INVALID")]),
    "huge stock": ({"stock": 2_000_000_000}, [(["stock"], "INVALID")]),
    "an unknown category": ({"categoryId": NOWHERE}, [(["categoryId"], "NOT_FOUND")]),
    "all at once": (
        {"name": "", "stock": -1, "slug": "-"},
        [(["name"], "TOO_SHORT"), (["slug"], "INVALID"), (["stock"], "INVALID")],
    ),
}


@pytest.mark.parametrize(("changes", "faults"), REFUSED.values(), ids=REFUSED.keys())
async def test_bad_values_are_named_and_nothing_is_written(
    client: Client, collections: Collections, changes: dict[str, Any], faults: list[tuple[list[str], str]]
) -> None:
    admin, category_id = await administrator(client, collections), await _category(collections)
    created = (await admin.data(CREATE, _lamp(category_id, **changes)))["productCreate"]
    assert created["product"] is None
    assert [(error["field"], error["code"]) for error in created["userErrors"]] == faults
    assert await collections["products"].count_documents({}) == 0
    kept = await add_product(collections)
    before = await collections["products"].find_one({"_id": kept})
    changed = await admin.data(UPDATE, {"input": {"id": to_global_id("Product", kept), **changes}})
    assert [(error["field"], error["code"]) for error in changed["productUpdate"]["userErrors"]] == faults
    assert await collections["products"].find_one({"_id": kept}) == before


NO_INPUT: dict[str, dict[str, Any]] = {
    "an operator for a name": {"name": {"$ne": None}},
    "a huge stock": {"stock": 2**31},
    "no number": {"price": {"amount": "NaN", "currencyCode": EUR}},
    "text for an amount": {"price": {"amount": "much", "currencyCode": EUR}},
    "an id of something else": {"categoryId": NOTHING},
    "no id": {"categoryId": '{"$ne": null}'},
}


@pytest.mark.parametrize("changes", NO_INPUT.values(), ids=NO_INPUT.keys())
async def test_what_makes_no_sense_is_bad_input(
    client: Client, collections: Collections, changes: dict[str, Any]
) -> None:
    admin, category_id = await administrator(client, collections), await _category(collections)
    assert await admin.codes(CREATE, _lamp(category_id, **changes)) == ["BAD_USER_INPUT"]
    assert await collections["products"].count_documents({}) == 0


@pytest.mark.parametrize("mutation", [UPDATE, ARCHIVE, RESTORE])
async def test_only_who_manages_the_catalogue_changes_it(
    client: Client, collections: Collections, mutation: str
) -> None:
    product_id = await add_product(collections)
    before = await collections["products"].find_one({"_id": product_id})
    variables = {"input": {"id": to_global_id("Product", product_id)}}
    assert await client.codes(mutation, variables) == ["UNAUTHENTICATED"]
    ada = await client.signed_up()
    assert await ada.codes(mutation, variables) == ["FORBIDDEN"]
    assert await ada.codes(CREATE, _lamp(await _category(collections))) == ["FORBIDDEN"]
    assert await collections["products"].find().to_list() == [before]


async def test_changes_at_once_all_count(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    product_id = to_global_id("Product", await add_product(collections))
    changes: list[dict[str, Any]] = [
        {"name": "Steel Lamp"},
        {"description": "Bright."},
        {"slug": "steel"},
        {"stock": 5},
    ]
    await asyncio.gather(*(admin.data(UPDATE, {"input": {"id": product_id, **change}}) for change in changes))
    (product,) = await collections["products"].find().to_list()
    assert (product["name"], product["description"], product["slug"], product["stock"]) == (
        "Steel Lamp",
        "Bright.",
        "steel",
        5,
    )
    assert set(product["words"]) == {"steel", "lamp", "bright"}
    assert {"s:steel", "w:bright", "n:steel lamp"} <= set(product["terms"])
