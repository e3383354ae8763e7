"""How much of what nothing needs yet a user may keep."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schema.times import utc_now
from settings.config import Settings
from tests.support.application import Client, Collections, serving
from tests.support.uploads import PNG, kept, operations, post_form, upload

pytestmark = pytest.mark.anyio

REFUSED = [(["file"], "QUOTA_EXCEEDED")]


@pytest.fixture
def folder(settings: Settings) -> Path:
    return Path(settings.storage_url.removeprefix("file://"))


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    quota = {"upload_quota_files": 3, "upload_quota_bytes": 5_000, "upload_max_bytes": 5_000}
    async with serving(settings.model_copy(update=quota)) as client:
        yield client


def _png(size: int) -> bytes:
    return PNG.ljust(size, b"\0")


def _codes(payload: dict[str, Any]) -> list[tuple[list[str], str]]:
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def test_the_last_file_within_it_is_kept_and_of_the_next_nothing(
    client: Client, collections: Collections, folder: Path
) -> None:
    ada = await client.signed_up()
    assert [_codes(await upload(ada, PNG)) for _ in range(4)] == [[], [], [], REFUSED]
    assert (len(kept(folder)), await collections.files.count_documents({})) == (3, 3)


async def test_all_together_may_have_so_many_bytes_and_not_one_more(
    client: Client, collections: Collections, folder: Path
) -> None:
    ada = await client.signed_up()
    assert _codes(await upload(ada, _png(4_000))) == []
    assert _codes(await upload(ada, _png(1_001))) == REFUSED
    assert _codes(await upload(ada, _png(1_000))) == []
    assert sum(path.stat().st_size for path in kept(folder)) == 5_000
    assert await collections.files.count_documents({}) == 2


async def test_it_is_each_users_own_and_what_is_in_use_does_not_count(client: Client, collections: Collections) -> None:
    ada = await client.signed_up()
    for _ in range(3):
        await upload(ada, PNG)
    bob = await client.signed_up(email="bob@example.com")
    assert _codes(await upload(bob, PNG)) == []
    assert _codes(await upload(ada, PNG)) == REFUSED
    await collections.files.update_one({}, {"$set": {"attached_at": utc_now()}})
    assert _codes(await upload(ada, PNG)) == []


async def test_many_at_once_get_no_further(client: Client, collections: Collections, folder: Path) -> None:
    ada = await client.signed_up()
    payloads = await asyncio.gather(*(upload(ada, PNG) for _ in range(12)))
    assert Counter(str(_codes(payload)) for payload in payloads) == {"[]": 3, str(REFUSED): 9}
    assert (len(kept(folder)), await collections.files.count_documents({})) == (3, 3)


async def test_nor_do_many_of_one_request(client: Client, folder: Path) -> None:
    ada, numbers = await client.signed_up(), range(5)
    query = f"mutation({', '.join(f'$f{number}: Upload!' for number in numbers)}) {{" + "".join(
        f"a{number}: fileUpload(input: {{file: $f{number}}}) {{ userErrors {{ field code }} }} " for number in numbers
    )
    fields = {
        "operations": operations(query + "}", **{f"f{number}": None for number in numbers}),
        "map": "{" + ",".join(f'"{number}": ["variables.f{number}"]' for number in numbers) + "}",
    }
    answer = (await post_form(ada, fields, {str(number): ("a.png", PNG) for number in numbers})).json()
    assert [_codes(payload) for payload in answer["data"].values()] == [[], [], [], REFUSED, REFUSED]
    assert len(kept(folder)) == 3
