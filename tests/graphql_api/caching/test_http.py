"""What browsers and proxies may keep, from a real API process."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from settings.config import Settings
from tests.support.application import Client, Collections, running_api
from tests.support.catalog import add_product
from tests.support.orders import signed_in
from tests.support.persisted import by_hash, codes, digest, get, send, with_hash
from tests.support.processes import Server

pytestmark = pytest.mark.anyio

PUBLIC = "query Shop($first: Int) { products(first: $first) { nodes { name stock } } }"
TREE = "{ categories { totalCount } products { totalCount } }"
ARCHIVED = "{ products(where: {archived: true}) { totalCount } }"
PRIVATE = "query($id: ID!) { node(id: $id) { id } products { totalCount } }"
SIGN_OUT = "mutation { userSignOut { isSignedOut } }"
GRAPHQL_JSON = "application/graphql-response+json"


@pytest.fixture(name="visitor")
async def _visitor(api: Server) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        visitor = Client(http)
        for text in (PUBLIC, TREE, ARCHIVED, SIGN_OUT):
            await send(visitor, with_hash(text))
        await send(visitor, with_hash(PRIVATE) | {"variables": {"id": "x"}})
        yield visitor


async def _bare(visitor: Client, request: dict[str, Any], method: str = "GET", **headers: str) -> httpx.Response:
    """By a request as a link, an image or a proxy sends it, but for these headers."""
    shown = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in request.items()}
    return await visitor.http.request(method, "/graphql", params=shown, headers=headers)


def _kept_by_caches(answer: httpx.Response) -> bool:
    return answer.headers["cache-control"] != "no-store"


async def test_what_is_public_and_named_may_be_kept_and_is_not_sent_twice(
    visitor: Client, collections: Collections
) -> None:
    await add_product(collections, stock=3)
    for request in (by_hash(PUBLIC), {"documentId": f"sha256:{digest(PUBLIC)}"}):
        first = await _bare(visitor, request | {"variables": {"first": 5}})
        assert first.status_code == 200
        assert first.json() == {
            "data": {"products": {"nodes": [{"name": "Oak Lamp", "stock": 3}]}},
            "extensions": {"cost": {"requested": 6, "actual": 2}},
        }
        assert first.headers["cache-control"] == "public, max-age=30"
        assert first.headers["content-type"] == "application/json; charset=utf-8"
        varies = set(first.headers["vary"].lower().split(", "))
        assert varies == {"accept", "accept-encoding", "authorization", "cookie"}
        tag = first.headers["etag"]
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await _bare(visitor, request | {"variables": {"first": 5}}, **{"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["cache-control"] == "public, max-age=30"
            assert again.headers["vary"] == first.headers["vary"]
            assert again.headers["x-request-id"] != first.headers["x-request-id"]


async def test_another_answer_has_another_tag(visitor: Client, collections: Collections) -> None:
    tags: set[str] = set()
    for _ in range(3):
        await add_product(collections)
        answer = await _bare(visitor, by_hash(PUBLIC) | {"variables": {"first": len(tags) + 1}})
        tags.add(answer.headers["etag"])
    assert len(tags) == 3
    stale = await _bare(visitor, by_hash(PUBLIC) | {"variables": {"first": 3}}, **{"If-None-Match": tags.pop()[:-3]})
    assert stale.status_code == 200


async def test_the_least_of_the_times_counts_and_the_media_type_is_the_one_asked_for(visitor: Client) -> None:
    answer = await _bare(visitor, by_hash(TREE), accept=GRAPHQL_JSON)
    assert answer.headers["cache-control"] == "public, max-age=30"
    assert answer.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"


async def test_a_head_is_answered_as_a_get_is(visitor: Client) -> None:
    seen = await _bare(visitor, by_hash(TREE), "HEAD")
    shown = await _bare(visitor, by_hash(TREE))
    assert (seen.status_code, seen.content, seen.headers["etag"]) == (200, b"", shown.headers["etag"])
    refused = await _bare(visitor, by_hash(PRIVATE) | {"variables": {"id": "x"}}, "HEAD")
    assert (refused.status_code, refused.headers["cache-control"]) == (400, "no-store")


async def test_a_large_answer_is_compressed_and_has_the_same_tag(visitor: Client, collections: Collections) -> None:
    for number in range(40):
        await add_product(collections, name=f"Lamp {number}")
    request = by_hash(PUBLIC) | {"variables": {"first": 40}}
    plain = await _bare(visitor, request, **{"Accept-Encoding": "identity"})
    packed = await _bare(visitor, request, **{"Accept-Encoding": "gzip"})
    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
    assert plain.headers["etag"] == packed.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    assert plain.json() == packed.json()
    known = await _bare(visitor, request, **{"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_who_shows_who_they_are_is_answered_past_every_cache(
    visitor: Client, collections: Collections, settings: Settings
) -> None:
    (ada,) = await signed_in(visitor, collections, settings, ["Ada"])
    tag = (await _bare(visitor, by_hash(TREE))).headers["etag"]
    shown: list[dict[str, str]] = [{"authorization": f"Bearer {ada.token}"}, {"cookie": "theme=dark"}]
    for headers in shown:
        answer = await _bare(visitor, by_hash(TREE), **headers, **{"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.json()["data"] == {"categories": {"totalCount": 0}, "products": {"totalCount": 0}}
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


async def test_anything_else_needs_the_header_that_nobody_elses_page_can_send(
    visitor: Client,
) -> None:
    refused = [
        by_hash(PRIVATE) | {"variables": {"id": "x"}},
        by_hash(SIGN_OUT),
        {"query": PUBLIC},
        with_hash(PUBLIC),
        {},
    ]
    for request in refused:
        for headers in ({}, {"cookie": "postberry_access=x; postberry_refresh=y"}):
            answer = await _bare(visitor, request, **headers)
            assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])
            assert "data" not in answer.json()
            assert not _kept_by_caches(answer)
    assert (
        (await _bare(visitor, by_hash(PRIVATE)))
        .json()["errors"][0]["message"]
        .startswith("A query by GET needs one of")
    )
    assert (await get(visitor, {"query": PUBLIC})).json()["data"]


@pytest.mark.usefixtures("visitor")
async def test_a_private_document_is_refused_also_by_a_process_that_sees_it_for_the_first_time(
    settings: Settings,
) -> None:
    with running_api(settings) as other:
        async with httpx.AsyncClient(base_url=other.url, timeout=30) as http:
            answer = await _bare(Client(http), by_hash(PRIVATE) | {"variables": {"id": "x"}})
            assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])
            assert (await _bare(Client(http), by_hash(TREE))).headers["cache-control"] == "public, max-age=30"


async def test_errors_are_kept_by_nobody(visitor: Client) -> None:
    unknown = await _bare(visitor, by_hash("{ products { nodes { id } } }"))
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
    forbidden = await _bare(visitor, by_hash(ARCHIVED))
    assert codes(forbidden) == ["UNAUTHENTICATED"]
    bad = await _bare(visitor, by_hash(PUBLIC) | {"variables": {"first": "many"}})
    assert codes(bad) == ["BAD_USER_INPUT"]
    assert not any(_kept_by_caches(answer) for answer in (unknown, forbidden, bad))


async def test_what_is_not_named_is_kept_by_nobody(visitor: Client) -> None:
    for answer in (
        await send(visitor, by_hash(TREE)),
        await send(visitor, {"query": TREE}),
        await get(visitor, {"query": TREE}),
        await get(visitor, with_hash(TREE)),
    ):
        assert answer.json()["data"]
        assert answer.headers["cache-control"] == "no-store"
        assert "available" in answer.json()["extensions"]["cost"]


async def test_with_the_setting_off_nothing_is_kept_and_public_data_are_answered(settings: Settings) -> None:
    with running_api(settings.model_copy(update={"answer_cache_enabled": False})) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await send(Client(http), with_hash(TREE))
            answer = await _bare(Client(http), by_hash(TREE))
            assert answer.json()["data"]
            assert (answer.headers["cache-control"], answer.headers.get("etag")) == ("no-store", None)
