"""Uploads sent again with an idempotency key."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.keyed import everything
from tests.support.uploads import PDF, PNG, kept, operations, post_form

pytestmark = pytest.mark.anyio

UPLOAD = """mutation($file: Upload!, $key: String) {
  fileUpload(input: {file: $file, idempotencyKey: $key}) { file { id name size createdAt } userErrors { field code } }
}"""


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where files are kept."""
    return Path(settings.storage_url.removeprefix("file://"))


async def _upload(
    client: Client, content: bytes = PNG, name: str = "cat.png", *, header: str | None = None, key: str | None = None
) -> dict[str, Any]:
    fields = {"operations": operations(UPLOAD, key=key), "map": '{"0": ["variables.file"]}'}
    headers = {"authorization": f"Bearer {client.token}"} | ({"idempotency-key": header} if header else {})
    answer = (await post_form(client, fields, {"0": (name, content, "image/png")}, headers)).json()
    assert "errors" not in answer, answer
    return dict(answer["data"]["fileUpload"])


@pytest.mark.parametrize(("header", "key"), [("k", None), (None, "k")], ids=["in the header", "in the input"])
async def test_a_file_sent_again_is_one_file(
    client: Client, collections: Collections, folder: Path, header: str | None, key: str | None
) -> None:
    ada = await client.signed_up()
    first = await _upload(ada, header=header, key=key)
    assert first["file"]
    before = await everything(collections)
    assert await _upload(ada, header=header, key=key) == first
    assert (await everything(collections), len(kept(folder))) == (before, 1)


@pytest.mark.parametrize(("content", "name"), [(PDF, "cat.png"), (PNG, "dog.png")], ids=["content", "name"])
async def test_another_file_with_the_same_key_is_refused_and_not_kept(
    client: Client, collections: Collections, folder: Path, content: bytes, name: str
) -> None:
    ada = await client.signed_up()
    await _upload(ada, header="k")
    refused = await _upload(ada, content, name, header="k")
    assert refused == {"file": None, "userErrors": [{"field": None, "code": "IDEMPOTENCY_KEY_REUSED"}]}
    assert (await collections.files.count_documents({}), len(kept(folder))) == (1, 1)


async def test_ten_at_once_leave_one_file_and_the_bytes_of_none_besides(
    client: Client, collections: Collections, folder: Path
) -> None:
    ada = await client.signed_up()
    first, *others = await asyncio.gather(*(_upload(ada, header="k") for _ in range(10)))
    assert first["file"]
    assert others == [first] * 9
    (file,) = await collections.files.find().to_list()
    assert [path.relative_to(folder) for path in kept(folder)] == [Path(file["key"])]
