"""The subprotocol graphql-transport-ws, as a client meets it."""

import asyncio
from typing import Any

import pytest

from graphql_api.keepalive import MOST_MESSAGE
from schema.database import Database
from schema.jobs import service
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.jobs import owe
from tests.support.processes import Server
from tests.support.sockets import JOB_UPDATED, socket
from tests.support.waiting import eventually
from tests.support.worker import logged

pytestmark = pytest.mark.anyio

NOWHERE = "Sm9iOjZiMDI5MTQ2ZTJkMjllZmQxMDkwYTFiOQ"
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": JOB_UPDATED, "variables": {"id": NOWHERE}}}
INIT = {"type": "connection_init"}

UNSPECIFIED: dict[str, Any] = {
    "no JSON": "{",
    "bytes": b'{"type":"ping"}',
    "null": "null",
    "a list": '[{"type":"ping"}]',
    "no type": "{}",
    "an unknown type": '{"type":"start","id":"1","payload":{"query":"{__typename}"}}',
    "a payload that is a string": '{"type":"ping","payload":"x"}',
    "a pong's payload that is a list": '{"type":"pong","payload":[]}',
    "parameters that are a number": '{"type":"connection_init","payload":1}',
    "very deep JSON": '{"type":"ping","payload":{"a":' + "[" * 5000 + "]" * 5000 + "}}",
    "a lone surrogate": r'{"type":"ping","payload":{"a":"\ud800"}}',
    "no id": '{"type":"subscribe","payload":{"query":"{__typename}"}}',
    "an empty id": '{"type":"subscribe","id":"","payload":{"query":"{__typename}"}}',
    "an id that is a number": '{"type":"subscribe","id":1,"payload":{"query":"{__typename}"}}',
    "no payload": '{"type":"subscribe","id":"1"}',
    "a payload that is null": '{"type":"subscribe","id":"1","payload":null}',
    "no query": '{"type":"subscribe","id":"1","payload":{}}',
    "a query that is a number": '{"type":"subscribe","id":"1","payload":{"query":1}}',
    "variables that are a list": '{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}',
    "a complete without an id": '{"type":"complete"}',
}


async def test_a_message_that_is_none_closes_the_socket(url: str) -> None:
    for name, message in UNSPECIFIED.items():
        async with socket(url) as client:
            await client.init()
            await client.connection.send(message)
            code, reason = await client.closed()
            assert (code, bool(reason)) == (4400, True), name


async def test_a_message_that_is_too_large_closes_the_socket(url: str) -> None:
    async with socket(url) as client:
        await client.connection.send('{"type":"ping","payload":{"a":"' + "a" * MOST_MESSAGE + '"}}')
        assert (await client.closed())[0] == 1009


@pytest.mark.parametrize("offered", [None, ["graphql-ws"]])
async def test_another_subprotocol_is_not_spoken(url: str, offered: list[str] | None) -> None:
    async with socket(url, subprotocols=offered) as client:
        assert (await client.closed())[0] == 4406


async def test_who_does_not_say_who_they_are_is_not_waited_for(url: str) -> None:
    async with socket(url) as client:
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}
        assert (await client.closed(30))[0] == 4408


async def test_who_says_who_they_are_is_waited_for(url: str) -> None:
    async with socket(url) as silent, socket(url) as client:
        await client.init()
        assert (await silent.closed(30))[0] == 4408
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}


async def test_to_subscribe_comes_after_saying_who_one_is(url: str) -> None:
    async with socket(url) as client:
        await client.watch(NOWHERE)
        assert await client.closed() == (4401, "Unauthorized")


async def test_one_says_who_one_is_once(url: str) -> None:
    async with socket(url) as client:
        await client.init()
        await client.send("connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_an_id_names_one_operation_at_a_time(url: str, database: Database) -> None:
    job_id = to_global_id("Job", await owe(database))
    async with socket(url) as client:
        await client.init()
        await client.watch(job_id)
        assert await client.status() == "QUEUED"
        await client.watch(job_id)
        assert await client.closed() == (4409, "Subscriber for 1 already exists")


async def test_the_reason_of_a_closing_is_never_longer_than_a_close_frame(url: str, database: Database) -> None:
    job_id, name = to_global_id("Job", await owe(database)), "é" * 1000
    async with socket(url) as client:
        await client.init()
        for _ in range(2):
            await client.watch(job_id, name)
        code, reason = await client.closed()
        assert (code, reason) == (4409, f"Subscriber for {'é' * 54}")


async def test_an_id_is_free_again_once_its_operation_has_ended(url: str, database: Database) -> None:
    job_id = to_global_id("Job", await owe(database))
    async with socket(url) as client:
        await client.init()
        for _ in range(3):
            await client.watch(NOWHERE)
            assert await client.codes() == ["NOT_FOUND"]
            await client.watch(job_id)
            assert await client.status() == "QUEUED"
            await client.send("complete", id="1")


async def test_pings_are_answered_with_their_payload(url: str) -> None:
    async with socket(url) as client:
        for fields in ({}, {"payload": {"a": [1]}}):
            await client.send("ping", **fields)
            assert await client.receive() == {"type": "pong"} | fields
        await client.send("pong")
        await client.send("complete", id="unknown")
        await client.init()


ANY = f'{{jobUpdated(id:"{NOWHERE}"){{id}}}}'
REFUSED = {
    "a query": ("{__typename}", "Only subscriptions go over a WebSocket"),
    "a mutation": (
        'mutation{userSignUp(input:{email:"a@b.example",password:"12345678",name:"A"}){job{id}}}',
        "Only subscriptions go over a WebSocket",
    ),
    "syntax": ("subscription{", "Syntax Error"),
    "endless nesting": ("subscription{a" + "{a" * 9_000, "nested too deeply"),
    "an unknown field": ("subscription{nothing}", "Cannot query field"),
    "two root fields": ('subscription{a:jobUpdated(id:"x"){id} b:jobUpdated(id:"x"){id}}', "must select only one"),
    "two operations and no name": (f"subscription A{ANY} subscription B{ANY}", "Say by operationName"),
    "a variable that is missing": (JOB_UPDATED, "Variable '$id'"),
    "an id that is none": ('subscription{jobUpdated(id:"x"){id}}', "This is not the id of a Job."),
    "introspection": ("subscription{__schema{types{name}}}", "must not select an introspection"),
}


@pytest.mark.parametrize(("query", "message"), REFUSED.values(), ids=REFUSED.keys())
async def test_an_operation_that_cannot_be_is_refused_and_the_socket_stays_open(
    url: str, collections: Collections, query: str, message: str
) -> None:
    async with socket(url, additional_headers={"X-Request-ID": "socket-0001"}) as client:
        await client.init()
        await client.subscribe(query)
        refusal = await client.receive()
        (error, *_) = refusal["payload"]
        assert (refusal["type"], refusal["id"]) == ("error", "1")
        assert message in error["message"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "requestId": "socket-0001"}
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}
    assert await collections.jobs.count_documents({}) == 0


async def test_an_operation_that_is_not_there_is_refused(url: str) -> None:
    async with socket(url) as client:
        await client.init()
        await client.send("subscribe", id="1", payload={"query": JOB_UPDATED, "operationName": "Nothing"})
        assert await client.codes() == ["BAD_USER_INPUT"]


async def test_more_operations_than_a_client_needs_are_refused(
    url: str, database: Database, settings: Settings
) -> None:
    job_id = to_global_id("Job", await owe(database))
    async with socket(url) as client:
        await client.init()
        for number in range(settings.socket_max_subscriptions):
            await client.watch(job_id, str(number))
            assert await client.status() == "QUEUED"
        await client.watch(job_id, "one too many")
        assert await client.codes() == ["BAD_USER_INPUT"]
        await client.send("complete", id="0")
        await client.watch(job_id, "instead")
        assert await client.status() == "QUEUED"


async def test_nothing_is_sent_of_an_operation_the_client_has_completed(url: str, database: Database) -> None:
    job_id = await owe(database)
    async with socket(url) as client:
        await client.init()
        for operation in ("left", "kept"):
            await client.watch(to_global_id("Job", job_id), operation)
            assert await client.status() == "QUEUED"
        await client.send("complete", id="left")
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}
        assert await service.claim(database, "worker", job_id)
        message = await client.receive()
        assert (message["id"], message["payload"]["data"]["jobUpdated"]["status"]) == ("kept", "RUNNING")


async def test_a_fault_of_ours_is_masked_and_ends_its_operation_alone(
    url: str, database: Database, collections: Collections
) -> None:
    job_id = await owe(database)
    await collections.jobs.update_one({"_id": job_id}, {"$set": {"status": "NONSENSE"}})
    async with socket(url) as client:
        await client.init()
        await client.watch(to_global_id("Job", job_id))
        message = await client.receive()
        (error,) = message["payload"]["errors"]
        assert (message["type"], message["payload"]["data"]) == ("next", None)
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert "NONSENSE" not in str(message)
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}


async def test_the_answer_to_the_handshake_names_the_request(url: str) -> None:
    async with socket(url, additional_headers={"X-Request-ID": "socket-0001"}) as client:
        assert client.connection.response is not None
        assert client.connection.response.headers["X-Request-ID"] == "socket-0001"


async def test_over_http_a_subscription_is_refused(client: Client) -> None:
    response = await client.post(JOB_UPDATED, {"id": NOWHERE})
    assert response.status_code == 405
    assert "subscriptions go over WebSocket" in response.json()["errors"][0]["message"]


async def test_http_goes_on_as_before(url: str, client: Client) -> None:
    async with socket(url) as watching:
        await watching.init()
        assert await client.data("{__typename}") == {"__typename": "Query"}


async def test_sockets_that_are_opened_and_dropped_at_random_leave_nothing(
    api: Server, settings: Settings, database: Database
) -> None:
    job_id = to_global_id("Job", await owe(database))

    async def come_and_go(number: int) -> None:
        async with socket(api.url) as client:
            if number % 4:
                await client.send("connection_init")
            for operation in range(number % 7):
                await client.watch(job_id, str(operation))
            client.connection.transport.abort()

    await asyncio.gather(*(come_and_go(number) for number in range(56)))

    async def are_closed() -> bool:
        return [line["event"] for line in logged(settings)].count("websocket closed") == 56

    await eventually(are_closed, "The end of every socket")
    assert [line for line in logged(settings) if line["level"] in {"error", "critical"}] == []
