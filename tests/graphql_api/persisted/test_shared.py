"""Documents that processes share through a real Redis."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from graphql_api.persisted.shared import KEPT_SECONDS, SharedDocuments, digest_of, place_of
from tests.support.persisted import digest
from tests.support.processes import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

TEXT = "{products(first: 3) {nodes {id}}}"
HASH = digest(TEXT)


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[tuple[SharedDocuments, SharedDocuments]]:
    """Those of two processes."""
    shared = SharedDocuments(redis_url), SharedDocuments(redis_url)
    yield shared
    for each in shared:
        await each.close()


async def test_what_one_process_keeps_the_other_finds_and_remembers(
    two: tuple[SharedDocuments, SharedDocuments], redis_url: str
) -> None:
    here, there = two
    assert await there.fetch(HASH) is None
    here.keep(HASH, TEXT)
    assert (here.recall(HASH), there.recall(HASH)) == (TEXT, None)
    await _found(there)
    async with Redis.from_url(redis_url) as redis:
        (key,) = await redis.keys("*")
        assert key == place_of(HASH).encode()
        assert 0 < await redis.ttl(key) <= KEPT_SECONDS
        await redis.flushdb()
    assert there.recall(HASH) == TEXT


async def _found(shared: SharedDocuments) -> None:
    async def is_found() -> bool:
        return await shared.fetch(HASH) == TEXT

    await eventually(is_found, "The document in Redis", 10)


@pytest.mark.parametrize("bad", [b"", b"{me{id}}", b"\xff\xfe", TEXT.encode() + b" "])
async def test_what_has_another_hash_is_not_believed(
    two: tuple[SharedDocuments, SharedDocuments], redis_url: str, bad: bytes
) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.set(place_of(HASH), bad)
        assert await two[0].fetch(HASH) is None
        assert two[0].recall(HASH) is None
        await redis.set(place_of(HASH), TEXT)
        assert await two[0].fetch(HASH) == TEXT


async def test_a_key_of_another_kind_is_as_good_as_none(
    two: tuple[SharedDocuments, SharedDocuments], redis_url: str
) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.lpush(place_of(HASH), TEXT)
    assert await two[0].fetch(HASH) is None


async def test_a_hash_has_one_place_and_there_are_4096(
    two: tuple[SharedDocuments, SharedDocuments], redis_url: str
) -> None:
    texts: dict[str, list[str]] = {}
    for number in range(400):
        texts.setdefault(place_of(digest(f"{{a{number}:__typename}}")), []).append(f"{{a{number}:__typename}}")
    first, second = next(pair for pair in texts.values() if len(pair) > 1)[:2]
    here, there = two
    async with Redis.from_url(redis_url) as redis:
        await redis.set(place_of(digest(first)), first)
        assert await there.fetch(digest(first)) == first
        here.keep(digest(second), second)

        async def is_replaced() -> bool:
            return await redis.get(place_of(digest(first))) == second.encode()

        await eventually(is_replaced, "The second document in the place of the first", 10)
        assert await redis.dbsize() == 1
    assert {place_of(f"{number:064x}"[::-1]) for number in range(5_000)} == {
        place_of(f"{number:03x}") for number in range(4_096)
    }


HEX = re.compile("[0-9a-f]{64}")
NO_HASH = st.one_of(
    st.text(max_size=80).filter(lambda name: not HEX.fullmatch(name)),
    st.from_regex(r"[0-9A-F]{63}[A-F]", fullmatch=True),
    st.just(HASH + "\n"),
)


@given(st.lists(NO_HASH, max_size=5))
async def test_redis_is_asked_for_hashes_alone(names: list[str]) -> None:
    asked: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(lambda _, writer: asked.append(writer), "127.0.0.1", 0) as server:
        shared = SharedDocuments(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        assert [await shared.fetch(name) for name in names] == [None] * len(names)
        assert asked == []
        await shared.close()


async def test_a_frozen_redis_is_as_good_as_none_and_is_found_again(redis_server: Server) -> None:
    shared = SharedDocuments(redis_server.url)
    redis_server.process.send_signal(signal.SIGSTOP)
    assert await shared.fetch(HASH) is None
    shared.keep(HASH, TEXT)
    assert shared.recall(HASH) == TEXT
    redis_server.process.send_signal(signal.SIGCONT)
    await shared.close()
    again = SharedDocuments(redis_server.url)
    again.keep(HASH, TEXT)
    other = SharedDocuments(redis_server.url)
    await _found(other)
    await again.close()
    await other.close()


async def test_a_redis_that_is_away_is_as_good_as_none() -> None:
    shared = SharedDocuments("redis://127.0.0.1:1/0")
    shared.keep(HASH, TEXT)
    assert await shared.fetch(digest_of(b"{me{id}}")) is None
    assert shared.recall(HASH) == TEXT
    await shared.close()
