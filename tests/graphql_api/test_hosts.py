"""Which hosts requests may name, against uvicorn."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from settings.config import AppEnv, Settings
from tests.support.application import SIGN_UP, Collections, ada
from tests.support.sockets import listening, socket

pytestmark = pytest.mark.anyio

ALLOWED = ("api.example.com", "*.example.org", "[::1]")
OURS = [
    b"Host: api.example.com",
    b"Host: API.Example.Com",
    b"host: api.example.com:8443",
    b"Host: api.example.com.",
    b"Host: shop.example.org",
    b"Host: a.b.example.org:80",
    b"Host: [::1]:8000",
    b"Host: [0:0:0:0:0:0:0:1]",
    b"Host: api.example.com\r\nX-Forwarded-Host: evil.example",
]
FOREIGN = [
    b"X-None: 1",
    b"Host:",
    b"Host: evil.example",
    b"Host: example.org",
    b"Host: .example.org",
    b"Host: evilexample.org",
    b"Host: api.example.com.evil.example",
    b"Host: api.example.com@evil.example",
    b"Host: api.example.com, evil.example",
    b"Host: api.example.com:evil",
    b"Host: evil.example/.example.org",
    b"Host: evil.example:80.example.org",
    b"Host: 127.0.0.1",
    b"Host: [::2]",
    b"Host: *",
    b"Host: *.example.org",
    b"Host: api.example.com\r\nHost: evil.example",
    b"Host: evil.example\r\nHost: api.example.com",
    b"Host: api.example.com\r\nHost: api.example.com",
    b"Host: evil.example\r\nX-Forwarded-Host: api.example.com",
    b"Host: evil.example\r\nForwarded: host=api.example.com",
    b"Host: evil.example\r\nX-Host: api.example.com\r\nX-Original-Host: api.example.com",
]


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    async with listening(settings.model_copy(update={"allowed_hosts": ALLOWED})) as url:
        yield url


async def _post(url: str, host: bytes, query: str = "{__typename}", variables: object = None) -> tuple[bytes, bytes]:
    """The head and the body of the answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    length = b"Content-Length: %d" % len(body)
    head = [b"POST /graphql HTTP/1.1", host, b"Content-Type: application/json", length, b"Connection: close"]
    return await _sent(url, b"\r\n".join([*head, b"", body]))


async def _sent(url: str, request: bytes) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    writer.write(request)
    async with asyncio.timeout(30):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return head, body


@pytest.mark.parametrize("host", OURS, ids=repr)
async def test_what_names_one_of_ours_is_answered(url: str, host: bytes) -> None:
    head, body = await _post(url, host)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["data"] == {"__typename": "Query"}


async def test_what_names_another_or_none_or_several_is_refused_and_nothing_done(
    url: str, collections: Collections
) -> None:
    for host in FOREIGN:
        head, body = await _post(url, host, SIGN_UP, {"input": ada()})
        assert head.startswith(b"HTTP/1.1 400 "), host
        [error] = json.loads(body)["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert f"x-request-id: {error['extensions']['requestId']}".encode() in head.lower()
        assert b"x-content-type-options: nosniff" in head.lower()
    assert await collections.users.count_documents({}) == 0


@pytest.mark.parametrize("path", ["/live", "/ready", "/health", "/metrics"])
async def test_probes_come_by_address(url: str, path: str) -> None:
    head, _ = await _sent(url, f"GET {path} HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n".encode())
    assert head.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/live/../graphql", "//live", "/files/live", "/graphql?/live", "/nothing"])
async def test_nothing_else_does(url: str, path: str) -> None:
    head, _ = await _sent(url, f"GET {path} HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n".encode())
    assert head.startswith(b"HTTP/1.1 400 ")


async def test_a_socket_of_another_host_is_not_opened(url: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with socket(url):
            raise AssertionError("it was opened")
    assert refusal.value.response.status_code == 403


async def test_a_socket_of_ours_is(url: str) -> None:
    port = urlsplit(url).port
    async with socket(f"http://shop.example.org:{port}", host="127.0.0.1", port=port) as opened:
        await opened.init()


@pytest.mark.parametrize(
    ("changes", "answers"),
    [
        ({"app_env": AppEnv.PRODUCTION, "public_url": "https://API.example.com:8443/shop"}, [200, 400]),
        ({"app_env": AppEnv.PRODUCTION}, [200, 200]),
        ({"public_url": "https://api.example.com"}, [200, 200]),
        (
            {
                "app_env": AppEnv.PRODUCTION,
                "public_url": "https://api.example.com",
                "allowed_hosts": ("evil.example",),
            },
            [400, 200],
        ),
        ({"app_env": AppEnv.PRODUCTION, "public_url": "https://api.example.com", "allowed_hosts": ("*",)}, [200, 200]),
    ],
    ids=["of PUBLIC_URL", "any without it", "any outside production", "others", "any"],
)
async def test_production_answers_to_its_public_name_unless_told_otherwise(
    settings: Settings, changes: dict[str, object], answers: list[int]
) -> None:
    async with listening(settings.model_copy(update=changes)) as url:
        heads = [(await _post(url, host))[0] for host in (b"Host: api.example.com", b"Host: evil.example")]
    assert [int(head.split()[1]) for head in heads] == answers
