"""Pictures of products, over GraphQL."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.nodes import to_global_id
from schema.products.model import MOST_IMAGES
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.profiler import watched
from tests.support.uploads import JPEG, PDF, PNG, upload

pytestmark = pytest.mark.anyio

ATTACH = """mutation($input: ProductImageAttachInput!) {
  productImageAttach(input: $input) { product { images { id } } userErrors { field code } }
}"""
IMAGES = "{ products { nodes { images { contentType url } } } }"


async def _attach(client: Client, product_id: str, file_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    variables = {"input": {"productId": product_id, "fileId": file_id} | more}
    return dict((await client.data(ATTACH, variables))["productImageAttach"])


async def test_pictures_are_shown_in_their_order_to_everybody(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    product_id = to_global_id("Product", await add_product(collections))
    first, second = [(await upload(admin, content))["file"]["id"] for content in (PNG, JPEG)]
    assert (await _attach(admin, product_id, first))["product"]["images"] == [{"id": first}]
    assert (await _attach(admin, product_id, second, isFirst=True))["product"]["images"] == [
        {"id": second},
        {"id": first},
    ]
    assert (await _attach(admin, product_id, second))["product"]["images"] == [{"id": first}, {"id": second}]
    (product,) = (await client.data(IMAGES))["products"]["nodes"]
    assert [image["contentType"] for image in product["images"]] == ["image/png", "image/jpeg"]
    assert (await client.http.get(product["images"][0]["url"])).content == PNG
    assert await collections["files"].count_documents({"attached_at": None}) == 0


async def test_the_pictures_of_all_products_are_one_call(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    file_id = (await upload(admin, PNG))["file"]["id"]
    for _ in range(5):
        await _attach(admin, to_global_id("Product", await add_product(collections)), file_id)
    async with watched(collections) as calls:
        products = (await client.data(IMAGES))["products"]["nodes"]
    assert [len(product["images"]) for product in products] == [1] * 5
    assert [call.collection for call in calls] == ["products", "files"]


async def test_what_is_no_picture_is_refused_and_nothing_is_written(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    product_id = to_global_id("Product", await add_product(collections))
    pdf, picture = [(await upload(admin, content))["file"]["id"] for content in (PDF, PNG)]
    nothing = [to_global_id(name, ObjectId()) for name in ("File", "Product")]
    for product, file, fault in (
        (product_id, pdf, {"field": ["fileId"], "code": "INVALID"}),
        (product_id, nothing[0], {"field": ["fileId"], "code": "NOT_FOUND"}),
        (nothing[1], picture, {"field": ["id"], "code": "NOT_FOUND"}),
    ):
        assert await _attach(admin, product, file) == {"product": None, "userErrors": [fault]}
    assert await admin.codes(ATTACH, {"input": {"productId": pdf, "fileId": product_id}}) == ["BAD_USER_INPUT"]
    assert await collections["files"].count_documents({"attached_at": None}) == 2
    assert await collections["products"].count_documents({"image_ids": []}) == 1


async def test_a_product_has_so_many_pictures_and_no_more(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    product_id = await add_product(collections, image_ids=[ObjectId() for _ in range(MOST_IMAGES)])
    file_id = (await upload(admin, PNG))["file"]["id"]
    refused = await _attach(admin, to_global_id("Product", product_id), file_id)
    assert refused == {"product": None, "userErrors": [{"field": None, "code": "TOO_LONG"}]}
    assert len((await collections["products"].find_one() or {})["image_ids"]) == MOST_IMAGES


async def test_only_who_manages_the_catalogue_attaches_pictures(client: Client, collections: Collections) -> None:
    product_id = to_global_id("Product", await add_product(collections))
    ada = await client.signed_up()
    variables = {"input": {"productId": product_id, "fileId": (await upload(ada, PNG))["file"]["id"]}}
    assert await client.codes(ATTACH, variables) == ["UNAUTHENTICATED"]
    assert await ada.codes(ATTACH, variables) == ["FORBIDDEN"]
    assert await collections["products"].count_documents({"image_ids": []}) == 1
