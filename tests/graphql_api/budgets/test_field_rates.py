"""What a client is told who asks too often for one root field, wherever and however."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from odmantic import ObjectId

from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import SIGN_UP, Client, Collections, ada, running_api, serving
from tests.support.processes import Server
from tests.support.sockets import listening, socket
from tests.support.waiting import eventually
from tests.support.worker import logged

pytestmark = pytest.mark.anyio

FEW = {"rate_limits": "userSignUp=3/hour, me=4/hour, jobUpdated=2/hour"}
AWAY = "budgets are each process's own, redis is away"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With few of each."""
    return settings.model_copy(update=FEW)


@pytest.fixture(name="client")
async def _client(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings) as client:
        yield client


async def test_who_asks_too_often_is_refused_with_429_and_nothing_is_done(
    client: Client, collections: Collections
) -> None:
    for number in range(3):
        assert (await client.sign_up(email=f"ada{number}@example.com"))["userErrors"] == []
    refused = await client.post(SIGN_UP, {"input": ada(email="grace@example.com")})
    assert refused.status_code == 429
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 1_000 < int(refused.headers["retry-after"]) == error["extensions"]["retryAfter"] <= 1_200
    assert "data" not in refused.json()
    assert await collections.users.count_documents({"email": "grace@example.com"}) == 0
    assert await collections.jobs.count_documents({}) == 3


async def test_each_alias_counts_and_none_of_a_refused_request_does(client: Client) -> None:
    assert (await client.post("{a:me{user{id}} b:me{user{id}} ...F} fragment F on Query{c:me{user{id}}}")).is_success
    refused = await client.post("{__typename a:me{user{id}} b:me{user{id}}}")
    assert (refused.status_code, "data" in refused.json()) == (429, False)
    assert (await client.post("{me{user{id}}}")).status_code == 200
    assert (await client.post("{me{user{id}}}")).status_code == 429


async def test_other_fields_and_other_users_have_their_own(client: Client) -> None:
    user = await client.signed_up()
    while (await client.post("{me{user{id}}}")).status_code == 200:
        pass
    assert (await client.post("{products{nodes{id}}}")).status_code == 200
    assert (await user.post("{me{user{id}}}")).status_code == 200


async def test_a_json_client_that_is_refused_is_told_by_http_too_whatever_it_accepts(client: Client) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        answers = [await client.post("{me{user{id}}}", accept=accept) for _ in range(5)]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["content-type"].startswith(accept)


async def test_they_can_be_switched_off(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"rate_limit_enabled": False})) as client:
        assert {(await client.post("{me{user{id}}}")).status_code for _ in range(10)} == {200}


async def test_a_socket_has_the_same(settings: Settings) -> None:
    nowhere = to_global_id("Job", ObjectId())
    async with listening(settings) as url, socket(url) as client:
        await client.init()
        for code in ("NOT_FOUND", "NOT_FOUND", "RATE_LIMITED"):
            await client.watch(nowhere)
            message = await client.receive()
            (error,) = message["payload"]
            assert (message["type"], error["extensions"]["code"]) == ("error", code)
        assert 1_000 < error["extensions"]["retryAfter"] <= 1_800


async def test_two_processes_share_them_through_redis(settings: Settings) -> None:
    many, passed = settings.model_copy(update={"rate_limits": "me=200/hour"}), 0
    with running_api(many) as one, running_api(many) as other:
        async with _client_of(one) as here, _client_of(other) as there:
            for _ in range(8):
                await here.data("{" + " ".join(f"a{number}:me{{user{{id}}}}" for number in range(25)) + "}")

            async def is_refused_there() -> bool:
                nonlocal passed
                passed += 1
                return (await there.post("{me{user{id}}}")).status_code == 429

            await eventually(is_refused_there, "Word of what the other process let pass", 30)
    assert passed < 200


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
async def test_without_redis_no_answer_waits_and_the_limits_hold_in_memory(
    settings: Settings, redis_server: Server, fault: signal.Signals
) -> None:
    settings = settings.model_copy(update={"redis_url": redis_server.url})
    with running_api(settings) as api:
        async with _client_of(api) as client:
            redis_server.process.send_signal(fault)
            statuses = [(await client.post("{me{user{id}}}")).status_code for _ in range(6)]
            assert statuses == [200] * 4 + [429] * 2
            others = await asyncio.gather(*(client.post("{__typename}") for _ in range(50)))
            assert {answer.status_code for answer in others} == {200}

            async def is_logged() -> bool:
                return AWAY in [line["event"] for line in logged(settings)]

            await eventually(is_logged, "Word that Redis is away")
            assert (await client.post("{me{user{id}}}")).status_code == 429


@asynccontextmanager
async def _client_of(api: Server) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=api.url, timeout=5) as http:
        yield Client(http)
