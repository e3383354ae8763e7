"""GraphQL requests as bytes on the line, against uvicorn."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from graphql_api.request import MOST_BYTES
from settings.config import Settings
from tests.support.application import SIGN_IN, SIGN_UP, Collections, ada, credentials
from tests.support.sockets import listening

pytestmark = pytest.mark.anyio

QUERY = b'{"query":"{__typename}"}'
JSON = b"Content-Type: application/json"


async def _answer(url: str, *pieces: bytes) -> tuple[int, dict[str, object]]:
    """Status and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    writer.writelines(pieces)
    async with asyncio.timeout(30):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)


def _head(*headers: bytes) -> bytes:
    return b"\r\n".join([b"POST /graphql HTTP/1.1", b"Host: x", b"Connection: close", *headers, b"", b""])


def _posted(body: bytes, *headers: bytes) -> bytes:
    return _head(*headers, b"Content-Length: %d" % len(body)) + body


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _codes(answer: dict[str, object]) -> list[str]:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return [error["extensions"]["code"] for error in errors]


@pytest.mark.parametrize(
    "header", [JSON, b"content-type: Application/JSON;charset=utf-8", b"Content-Type: application/json ; a=b"]
)
async def test_json_is_read(url: str, header: bytes) -> None:
    status, answer = await _answer(url, _posted(QUERY, header))
    assert (status, answer["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (b"Content-Type:",),
        (b"Content-Type: text/plain",),
        (b"Content-Type: text/plain; application/json",),
        (b"Content-Type: text/plain, application/json",),
        (b"Content-Type: application/json, text/plain",),
        (b"Content-Type: application/json+x",),
        (b"Content-Type: application/x-www-form-urlencoded",),
        (b"Content-Type: application/graphql",),
        (JSON, b"Content-Type: text/plain"),
        (b"Content-Type: text/plain", JSON),
        (JSON, JSON),
    ],
    ids=repr,
)
async def test_what_does_not_claim_to_be_json_and_nothing_else_is_not(
    url: str, collections: Collections, headers: tuple[bytes, ...]
) -> None:
    body = json.dumps({"query": SIGN_UP, "variables": {"input": ada()}}).encode()
    status, answer = await _answer(url, _posted(body, *headers))
    assert (status, _codes(answer)) == (415, ["BAD_USER_INPUT"])
    assert await collections.users.count_documents({}) == 0


async def test_a_body_in_chunks_may_be_as_long_as_any(url: str) -> None:
    body = QUERY.ljust(MOST_BYTES)
    chunks = [_chunk(body[start : start + 1_000]) for start in range(0, MOST_BYTES, 1_000)]
    status, answer = await _answer(url, _head(JSON, b"Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n")
    assert (status, answer["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize("size", [1, 1_000, MOST_BYTES + 1], ids=["tiny", "small", "one"])
async def test_and_not_a_byte_longer_whatever_its_chunks(url: str, size: int) -> None:
    body = QUERY.ljust(MOST_BYTES + 1)
    chunks = b"".join(_chunk(body[start : start + size]) for start in range(0, len(body), size))
    status, answer = await _answer(url, _head(JSON, b"Transfer-Encoding: chunked"), chunks + b"0\r\n\r\n")
    assert (status, _codes(answer)) == (413, ["BAD_USER_INPUT"])


async def test_a_body_without_end_is_answered_before_it_ends(url: str) -> None:
    piece = _chunk(b" " * (MOST_BYTES + 1))
    status, answer = await _answer(url, _head(JSON, b"Transfer-Encoding: chunked"), piece)
    assert (status, _codes(answer)) == (413, ["BAD_USER_INPUT"])


async def test_a_length_that_is_too_large_is_refused_though_less_is_sent(url: str) -> None:
    status, answer = await _answer(url, _head(JSON, b"Content-Length: 1000000000") + b" " * (MOST_BYTES + 1))
    assert (status, _codes(answer)) == (413, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    ("proxies", "address"),
    [
        ((), "127.0.0.1"),
        (("10.0.0.1",), "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.7"),
        (("127.0.0.0/8",), "203.0.113.7"),
    ],
)
async def test_only_trusted_proxies_say_where_a_request_comes_from(
    settings: Settings, collections: Collections, proxies: tuple[str, ...], address: str
) -> None:
    forwarded = b"X-Forwarded-For: 198.51.100.9, 203.0.113.7\r\nX-Real-IP: 198.51.100.9\r\nForwarded: for=198.51.100.9"
    async with listening(settings.model_copy(update={"trusted_proxies": proxies})) as url:
        for query, given in ((SIGN_UP, ada()), (SIGN_IN, credentials())):
            body = json.dumps({"query": query, "variables": {"input": given}}).encode()
            await _answer(url, _posted(body, JSON, forwarded))
    assert [session["ip"] async for session in collections.sessions.find()] == [address]
