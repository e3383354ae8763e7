"""Which answers are compressed, and which are not."""

import gzip
from collections.abc import AsyncIterator

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx
import pytest

from graphql_api.compression import LEAST
from settings.config import Settings
from tests.support.application import Client, Collections, credentials
from tests.support.catalog import add_product
from tests.support.sockets import listening
from tests.support.uploads import PDF, upload

pytestmark = pytest.mark.anyio

PAGE = "query($first: Int!) { products(first: $first) { nodes { id name slug price { amount } } } }"
GRAPHQL_JSON = "application/graphql-response+json"
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}
SIGN_IN = """mutation($input: UserSignInInput!) {{
  userSignIn(input: $input) {{ accessToken refreshToken csrfToken {} userErrors {{ code }} }}
}}"""


@pytest.fixture
async def client(settings: Settings, collections: Collections) -> AsyncIterator[Client]:
    async with listening(settings) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        for _ in range(50):
            await add_product(collections)
        yield Client(http)


async def _raw(http: httpx.AsyncClient, url: str, encoding: str | None, **given: object) -> tuple[httpx.Headers, bytes]:
    """The head, and the body as it came over the line."""
    headers = {"accept-encoding": encoding} if encoding is not None else {}
    request = http.build_request("POST" if given else "GET", url, headers=headers, json=given or None)
    if encoding is None:
        del request.headers["accept-encoding"]
    response = await http.send(request, stream=True)
    body = b"".join([piece async for piece in response.aiter_raw()])
    assert response.headers.get("content-length") in {None, str(len(body))}
    await response.aclose()
    return response.headers, body


async def _page(client: Client, encoding: str | None, first: int = 50) -> tuple[httpx.Headers, bytes]:
    return await _raw(client.http, "/graphql", encoding, query=PAGE, variables={"first": first})


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("*", "br"),
    ],
)
async def test_a_page_of_products_is_compressed_as_the_client_likes(client: Client, accepted: str, chosen: str) -> None:
    plain = (await _page(client, None))[1]
    head, body = await _page(client, accepted)
    assert head["content-encoding"] == chosen
    assert "Accept-Encoding" in head["vary"]
    assert len(body) < len(plain) / 2
    assert UNPACK[chosen](body).split(b'"extensions"')[0] == plain.split(b'"extensions"')[0]


@pytest.mark.parametrize(
    "accepted", [None, "", "identity", "gzip;q=0", "br;q=0.0, gzip;q=0", "brotli", "zstd", "x" * 9000]
)
async def test_who_takes_no_compression_gets_none_and_caches_know(client: Client, accepted: str | None) -> None:
    head, body = await _page(client, accepted)
    assert "content-encoding" not in head
    assert "Accept-Encoding" in head["vary"]
    assert body.startswith(b'{"data":{"products":')


async def test_the_specifications_media_type_is_compressed_as_well(client: Client) -> None:
    answer = await client.post(PAGE, {"first": 50}, accept=GRAPHQL_JSON, accept_encoding="br")
    assert answer.headers["content-type"].startswith(GRAPHQL_JSON)
    assert answer.headers["content-encoding"] == "br"
    assert len(answer.json()["data"]["products"]["nodes"]) == 50


async def test_a_small_answer_is_sent_as_it_is(client: Client) -> None:
    head, body = await _page(client, "gzip, br", first=1)
    assert len(body) < LEAST
    assert "content-encoding" not in head


async def test_what_carries_tokens_is_never_compressed_whatever_stands_beside_them(client: Client) -> None:
    await client.sign_up()
    reflected = "user {" + " ".join(f"{'guess' * 8}{number}: email" for number in range(25)) + "}"
    given = {"query": SIGN_IN.format(reflected), "variables": {"input": credentials()}}
    head, body = await _raw(client.http, "/graphql", "gzip, br", **given)
    assert b'"accessToken":"ey' in body
    assert len(body) > LEAST
    assert "content-encoding" not in head


async def test_files_are_sent_as_they_are(client: Client) -> None:
    owner = await client.signed_up()
    url = (await upload(owner, PDF + b"a" * 10_000, "a.pdf", "application/pdf"))["file"]["url"]
    head, body = await _raw(client.http, httpx.URL(url).raw_path.decode(), "gzip, br")
    assert (len(body), "content-encoding" in head) == (len(PDF) + 10_000, False)


@pytest.mark.parametrize("path", ["/live", "/ready", "/health", "/metrics", "/unsubscribe/x"])
async def test_nor_is_anything_else(client: Client, path: str) -> None:
    assert "content-encoding" not in (await client.http.get(path)).headers
