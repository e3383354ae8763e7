"""Automatic persisted queries, as Apollo's clients and urql speak of them."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from redis.asyncio import Redis

from graphql_api.persisted.shared import place_of
from schema.database import Database
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections, ada, serving
from tests.support.jobs import owe
from tests.support.persisted import TRUSTED, by_hash, codes, digest, get, send, with_hash
from tests.support.processes import Server
from tests.support.sockets import JOB_UPDATED, listening, socket
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

GRAPHQL_JSON = "application/graphql-response+json"
NOT_FOUND, BAD = ["PERSISTED_QUERY_NOT_FOUND"], ["BAD_USER_INPUT"]
PRODUCTS = TRUSTED["products"]
SIGN_UP = TRUSTED["cd4abbcc0c34ab5c9a4e9b5a3b5e1b0e"]


@pytest.fixture(name="two")
async def _two(settings: Settings) -> AsyncIterator[tuple[Client, Client]]:
    """Clients of two processes."""
    async with AsyncExitStack() as stack:
        yield (
            await stack.enter_async_context(serving(settings)),
            await stack.enter_async_context(serving(settings)),
        )


async def test_a_document_is_asked_for_once_and_then_executed_by_its_hash(client: Client) -> None:
    asked = await send(client, by_hash(PRODUCTS))
    assert (asked.status_code, codes(asked)) == (200, NOT_FOUND)
    assert asked.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert "data" not in asked.json()
    for request, ask in [(with_hash(PRODUCTS), send), (by_hash(PRODUCTS), send), (by_hash(PRODUCTS), get)]:
        answer = await ask(client, request | {"variables": {"first": 2}})
        assert answer.json()["data"] == {"products": {"nodes": []}}
    assert (await send(client, {"documentId": f"sha256:{digest(PRODUCTS)}"})).json()["data"]


async def test_clients_of_the_specification_are_asked_with_200_as_well(client: Client) -> None:
    asked = await send(client, by_hash(PRODUCTS), accept=GRAPHQL_JSON)
    assert (asked.status_code, codes(asked)) == (200, NOT_FOUND)
    named = await send(client, {"documentId": digest(PRODUCTS)}, accept=GRAPHQL_JSON)
    assert (named.status_code, codes(named)) == (400, NOT_FOUND)


async def test_what_one_process_was_sent_the_other_knows(two: tuple[Client, Client]) -> None:
    here, there = two
    assert (await send(here, with_hash(PRODUCTS))).json()["data"]

    async def is_known() -> bool:
        return codes(await send(there, by_hash(PRODUCTS))) == []

    await eventually(is_known, "The document in the other process", 10)


async def test_a_text_with_another_hash_is_neither_executed_nor_kept(
    client: Client, collections: Collections, settings: Settings
) -> None:
    request = by_hash(PRODUCTS) | {"query": SIGN_UP, "variables": {"i": ada()}}
    answer = await send(client, request, accept=GRAPHQL_JSON)
    assert (answer.status_code, codes(answer)) == (400, BAD)
    assert answer.json()["errors"][0]["message"] == "provided sha does not match query"
    assert await collections.users.count_documents({}) == await collections.jobs.count_documents({}) == 0
    for text in (PRODUCTS, SIGN_UP):
        assert codes(await send(client, by_hash(text))) == NOT_FOUND
    assert await _kept(settings) == set()


async def _kept(settings: Settings) -> set[str]:
    async with Redis.from_url(settings.redis_url) as redis:
        return {key.decode() async for key in redis.scan_iter("postberry:document:*")}


RUBBISH = {
    "syntax": ("{", "BAD_USER_INPUT"),
    "an unknown field": ("{nothing}", "BAD_USER_INPUT"),
    "too long": ("#" * 20_000 + "\n{__typename}", "BAD_USER_INPUT"),
    "too deep": ("{products" + "{nodes{category{products" * 4 + "{nodes{id}}" + "}}}" * 4 + "}", "QUERY_TOO_COMPLEX"),
    "too many aliases": ("{" + " ".join(f"a{each}:__typename" for each in range(31)) + "}", "QUERY_TOO_COMPLEX"),
}


@pytest.mark.parametrize(("text", "code"), RUBBISH.values(), ids=RUBBISH.keys())
async def test_what_is_not_valid_is_not_kept(client: Client, settings: Settings, text: str, code: str) -> None:
    answer = await send(client, with_hash(text))
    assert set(codes(answer)) == {code}
    assert codes(await send(client, by_hash(text))) == NOT_FOUND
    assert (await send(client, with_hash(PRODUCTS))).json()["data"]

    async def is_kept() -> bool:
        return await _kept(settings) == {place_of(digest(PRODUCTS))}

    await eventually(is_kept, "The valid document, alone, in Redis", 10)


@given(st.text(max_size=100))
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_hash_that_is_none_finds_nothing(client: Client, name: str) -> None:
    request = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}}
    assert codes(await send(client, request)) == (NOT_FOUND if name else BAD)


MALFORMED: dict[str, Any] = {
    "another version": {"version": 2, "sha256Hash": digest(PRODUCTS)},
    "no version": {"sha256Hash": digest(PRODUCTS)},
    "no hash": {"version": 1},
    "a hash that is a number": {"version": 1, "sha256Hash": 1},
    "a list": [],
}


@pytest.mark.parametrize("persisted", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_no_client_sends_is_refused(client: Client, persisted: object) -> None:
    for text in ({}, {"query": PRODUCTS}):
        answer = await send(client, {"extensions": {"persistedQuery": persisted}} | text)
        assert (answer.status_code, codes(answer)) == (400, BAD)


async def test_a_document_and_an_id_are_one_too_many(client: Client) -> None:
    answer = await send(client, {"query": PRODUCTS, "documentId": "x"})
    assert (answer.status_code, codes(answer)) == (400, BAD)


async def test_get_by_hash_needs_what_get_needs_and_does_no_mutation(client: Client, collections: Collections) -> None:
    assert (await send(client, with_hash(SIGN_UP) | {"variables": {"i": ada()}})).json()["data"]
    grace = {"variables": {"i": ada(email="grace@example.com")}}
    refused = await get(client, by_hash(SIGN_UP) | grace)
    assert (refused.status_code, codes(refused), refused.headers["allow"]) == (405, BAD, "POST")
    assert await collections.users.count_documents({}) == 1
    bare = await client.http.get("/graphql", params={"documentId": digest(SIGN_UP)})
    assert (bare.status_code, codes(bare)) == (400, BAD)


async def test_no_cache_may_keep_what_is_not_public_and_named(client: Client) -> None:
    await send(client, with_hash(PRODUCTS))
    for request in (
        with_hash(PRODUCTS),
        by_hash("{me{id}}"),
        {"query": "{"},
        {"query": "mutation{userSignOut{isSignedOut}}"},
    ):
        answer = await get(client, request)
        assert answer.headers["cache-control"] == "no-store"
        assert {"accept", "authorization", "cookie"} <= set(answer.headers["vary"].lower().split(", "))


async def test_documents_with_names_have_the_same_limits(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"query_budget": 60, "query_budget_restore": 1})) as client:
        request = {"variables": {"first": 40}}
        assert (await send(client, with_hash(PRODUCTS) | request)).json()["extensions"]["cost"]["requested"] == 41
        answers = [await send(client, by_hash(PRODUCTS) | request) for _ in range(20)]
        assert codes(answers[-1]) == ["RATE_LIMITED"]
    async with serving(settings) as client:
        answer = await send(client, by_hash(PRODUCTS) | {"variables": {"first": 5_000}})
        assert codes(answer) == ["QUERY_TOO_COMPLEX"]


async def test_it_can_be_switched_off(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"persisted_queries": False})) as client:
        asked = await send(client, by_hash(PRODUCTS), accept=GRAPHQL_JSON)
        assert (asked.status_code, codes(asked)) == (200, ["PERSISTED_QUERY_NOT_SUPPORTED"])
        assert asked.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
        assert (await send(client, with_hash(PRODUCTS))).json()["data"]
        assert codes(await send(client, by_hash(PRODUCTS))) == ["PERSISTED_QUERY_NOT_SUPPORTED"]
    assert await _kept(settings) == set()


async def test_a_frozen_redis_is_no_error(settings: Settings, redis_server: Server) -> None:
    async with serving(settings.model_copy(update={"redis_url": redis_server.url})) as client:
        redis_server.process.send_signal(signal.SIGSTOP)
        assert codes(await send(client, by_hash(PRODUCTS))) == NOT_FOUND
        assert (await send(client, with_hash(PRODUCTS))).json()["data"]
        assert (await send(client, by_hash(PRODUCTS))).json()["data"]
        redis_server.process.send_signal(signal.SIGCONT)


async def test_subscriptions_are_named_as_well(settings: Settings, database: Database) -> None:
    job_id = to_global_id("Job", await owe(database))
    async with listening(settings) as url, socket(url) as watching:
        await watching.init()
        variables = {"variables": {"id": job_id}}
        await watching.send("subscribe", id="1", payload=by_hash(JOB_UPDATED) | variables)
        assert await watching.codes() == NOT_FOUND
        await watching.send("subscribe", id="1", payload=by_hash("{me{id}}") | {"query": JOB_UPDATED} | variables)
        assert await watching.codes() == BAD
        for operation, payload in [("1", with_hash(JOB_UPDATED)), ("2", by_hash(JOB_UPDATED))]:
            await watching.send("subscribe", id=operation, payload=payload | variables)
            assert await watching.status() == "QUEUED"


async def test_what_was_named_is_counted_by_where_it_was_found(client: Client) -> None:
    await send(client, by_hash(PRODUCTS))
    await send(client, with_hash(PRODUCTS))
    await send(client, by_hash(PRODUCTS))
    metrics = (await client.http.get("/metrics")).text
    for where in ("nowhere", "memory"):
        assert f'postberry_persisted_documents_total{{where="{where}"}} 1.0' in metrics
