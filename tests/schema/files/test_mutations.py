"""Uploading over GraphQL: what is kept, and what leaves nothing behind."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from settings.config import Settings
from tests.schema.files.test_formats import OTHERS
from tests.support.application import Client, Collections, serving
from tests.support.uploads import GIF, JPEG, PDF, PNG, UPLOAD, WEBP, kept, operations, post_form, send, upload

pytestmark = pytest.mark.anyio

FILE = "query($id: ID!){node(id:$id){__typename id ... on File{name contentType size url createdAt}}}"


@pytest.fixture
def folder(settings: Settings) -> Path:
    return Path(settings.storage_url.removeprefix("file://"))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (PDF, "application/pdf"),
    ],
)
async def test_a_file_is_kept_and_shown_to_its_owner(
    client: Client, collections: Collections, folder: Path, content: bytes, content_type: str
) -> None:
    ada = await client.signed_up()
    payload = await upload(ada, content, "a cat.bin", "application/x-lie")
    file = payload["file"]
    assert payload["userErrors"] == []
    assert (file["name"], file["contentType"], file["size"]) == ("a cat.bin", content_type, len(content))
    assert (await ada.data(FILE, {"id": file["id"]}))["node"] == {"__typename": "File", **file}
    assert [path.read_bytes() for path in kept(folder)] == [content]
    document = await collections.files.find_one() or {}
    assert (document["attached_at"], kept(folder)[0].relative_to(folder)) == (None, Path(document["key"]))


async def test_a_name_is_cleaned(client: Client) -> None:
    payload = await upload(await client.signed_up(), PNG, "../../Käse\u202e.png")
    assert payload["file"]["name"] == "Käse .png"


async def test_a_file_is_a_node_to_its_owner_and_to_administrators(client: Client, collections: Collections) -> None:
    file_id = (await upload(await client.signed_up(), PNG))["file"]["id"]
    bob = await client.signed_up(email="bob@example.com")
    assert [(await each.data(FILE, {"id": file_id}))["node"] for each in (bob, client)] == [None, None]
    await client.sign_up(email="eve@example.com")
    await collections.users.update_one({"email": "eve@example.com"}, {"$set": {"role": "ADMIN"}})
    eve = await client.signed_in(email="eve@example.com")
    assert (await eve.data("query($ids: [ID!]!){nodes(ids:$ids){id}}", {"ids": [file_id]}))["nodes"] == [
        {"id": file_id}
    ]


@pytest.mark.parametrize("content", [content for content in OTHERS.values() if content], ids=list(OTHERS)[1:])
async def test_what_is_no_allowed_format_leaves_nothing_whatever_it_is_called(
    client: Client, collections: Collections, folder: Path, content: bytes
) -> None:
    payload = await upload(await client.signed_up(), content, "cat.png", "image/png")
    assert (payload["file"], _codes(payload)) == (None, [(["file"], "INVALID")])
    await _assert_nothing_is_kept(collections, folder)


async def test_an_empty_file_leaves_nothing(client: Client, collections: Collections, folder: Path) -> None:
    payload = await upload(await client.signed_up(), b"")
    assert (payload["file"], _codes(payload)) == (None, [(["file"], "TOO_SHORT")])
    await _assert_nothing_is_kept(collections, folder)


async def test_a_file_may_be_as_large_as_the_setting_says_and_no_larger(
    settings: Settings, collections: Collections, folder: Path
) -> None:
    async with serving(settings.model_copy(update={"upload_max_bytes": 1_000})) as client:
        ada = await client.signed_up()
        payload = await upload(ada, PNG.ljust(1_001, b"\0"))
        assert (payload["file"], _codes(payload)) == (None, [(["file"], "TOO_LONG")])
        await _assert_nothing_is_kept(collections, folder)
        assert (await upload(ada, PNG.ljust(1_000, b"\0")))["file"]["size"] == 1_000


async def test_when_mongodb_refuses_nothing_is_left_in_the_store(
    client: Client, collections: Collections, folder: Path
) -> None:
    ada = await client.signed_up()
    await collections.command("collMod", "files", validator={"never": {"$exists": True}})
    with capture_logs() as logs:
        assert _errors(await send(ada, PNG)) == ["INTERNAL_SERVER_ERROR"]
    assert "WriteError" in repr([log["exc_info"] for log in logs if log["event"] == "a resolver raised"])
    await _assert_nothing_is_kept(collections, folder)


async def test_when_the_store_fails_there_is_no_document(
    client: Client, collections: Collections, folder: Path
) -> None:
    ada = await client.signed_up()
    _break(folder)
    assert _errors(await send(ada, PNG)) == ["INTERNAL_SERVER_ERROR"]
    assert await collections.files.count_documents({}) == 0


async def test_nobody_uploads_unless_signed_in(client: Client, collections: Collections, folder: Path) -> None:
    assert await client.codes(UPLOAD.replace("$file: Upload!", "$file: Upload = null"), {}) == ["BAD_USER_INPUT"]
    fields = {"operations": operations(), "map": '{"0": ["variables.file"]}'}
    response = await post_form(client, fields, {"0": ("a", PNG)}, {"graphql-require-preflight": "1"})
    assert _errors(response) == ["UNAUTHENTICATED"]
    await _assert_nothing_is_kept(collections, folder)


@pytest.mark.parametrize("value", ["a string", 1, True, {"name": "a", "size": 1}, ["x"], {}, None])
async def test_a_file_that_is_sent_as_json_is_the_clients_fault(client: Client, value: object) -> None:
    ada = await client.signed_up()
    assert await ada.codes(UPLOAD, {"file": value}) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("literal", ['"a string"', "1", "{name: 1}", "[]", "null"])
async def test_a_file_that_is_written_into_the_document_is_the_clients_fault(client: Client, literal: str) -> None:
    ada = await client.signed_up()
    query = f"mutation{{fileUpload(input:{{file:{literal}}}){{file{{id}}}}}}"
    assert set(await ada.codes(query)) == {"BAD_USER_INPUT"}


async def test_a_file_that_stands_for_text_is_the_clients_fault(client: Client) -> None:
    ada = await client.signed_up()
    fields = {
        "operations": operations("mutation($n: String!){userUpdate(input:{name:$n}){user{name}}}", n=None),
        "map": '{"0": ["variables.n"]}',
    }
    response = await post_form(ada, fields, {"0": ("a", PNG)})
    assert _errors(response) == ["BAD_USER_INPUT"]


async def test_aliases_do_not_multiply_a_file(client: Client, collections: Collections, folder: Path) -> None:
    ada = await client.signed_up()
    twice = "mutation($file: Upload!){" + "".join(
        f"{alias}: fileUpload(input:{{file:$file}}){{file{{id}}}} " for alias in "ab"
    )
    fields = {"operations": operations(twice + "}"), "map": '{"0": ["variables.file"]}'}
    assert _errors(await post_form(ada, fields, {"0": ("a.png", PNG)})) == ["BAD_USER_INPUT"]
    assert (len(kept(folder)), await collections.files.count_documents({})) == (1, 1)


async def test_several_files_of_one_request_are_kept(client: Client, folder: Path) -> None:
    ada = await client.signed_up()
    both = """mutation($a: FileUploadInput!, $b: FileUploadInput!){
      a: fileUpload(input:$a){file{contentType}} b: fileUpload(input:$b){file{contentType}}
    }"""
    fields = {
        "operations": operations(both, a={"file": None}, b={"file": None}),
        "map": '{"one": ["variables.a.file"], "two": ["variables.b.file"]}',
    }
    answer = (await post_form(ada, fields, {"one": ("a.png", PNG), "two": ("b.pdf", PDF)})).json()
    assert answer["data"] == {
        "a": {"file": {"contentType": "image/png"}},
        "b": {"file": {"contentType": "application/pdf"}},
    }
    assert sorted(path.read_bytes() for path in kept(folder)) == sorted([PNG, PDF])


def _break(folder: Path) -> None:
    """Make it a place where nothing can be kept."""
    folder.rmdir()
    folder.touch()


async def _assert_nothing_is_kept(collections: Collections, folder: Path) -> None:
    assert (kept(folder), await collections.files.count_documents({})) == ([], 0)


def _codes(payload: dict[str, Any]) -> list[tuple[list[str], str]]:
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


def _errors(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]
