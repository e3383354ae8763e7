"""Sockets as an operator meets them: they hold up no end of the program, and dead ones are not kept."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from graphql_api.__main__ import server
from schema.database import Database
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client
from tests.support.jobs import owe
from tests.support.processes import Server
from tests.support.sockets import Socket, socket
from tests.support.waiting import eventually
from tests.support.worker import await_log, logged

pytestmark = pytest.mark.anyio


async def test_a_program_that_is_told_to_end_closes_its_sockets_and_ends(
    api: Server, client: Client, database: Database, settings: Settings
) -> None:
    job_id, ada = to_global_id("Job", await owe(database)), await client.signed_up()
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket(api.url)) for _ in range(20)]
        for number, one in enumerate(sockets):
            await one.init(**({"authorization": f"Bearer {ada.token}"} if number % 2 else {}))
            await one.subscribe("subscription($id:ID!){jobUpdated(id:$id){id}}", {"id": job_id})
            await one.receive()
        api.process.terminate()
        assert {(await one.closed())[0] for one in sockets} == {1012}  # "service restart": clients come again
        assert await asyncio.to_thread(api.process.wait, 20) == 0
    assert _faults(settings) == []


async def test_a_client_that_does_not_read_does_not_hold_the_end_up(api: Server, settings: Settings) -> None:
    async with socket(api.url) as client:
        await client.init()
        flood = asyncio.create_task(_flood(client))
        await eventually(_is_stuck(client), "A socket that takes no more", 60)
        api.process.terminate()
        assert await asyncio.to_thread(api.process.wait, 20) == 0
        client.connection.transport.abort()
        await asyncio.wait([flood], timeout=60)
        assert flood.exception()
    assert _faults(settings) == []


async def test_a_client_that_does_not_read_is_not_waited_for(api: Server, settings: Settings) -> None:
    async with socket(api.url) as client:
        await client.init()
        flood = asyncio.create_task(_flood(client))
        await asyncio.to_thread(await_log, settings, "websocket closed", deadline=60)
        await asyncio.wait([flood], timeout=60)  # the socket is gone, not only closed
        assert flood.exception()
    (line,) = [line for line in logged(settings) if line["event"] == "websocket closed"]
    assert (line["code"], line["reason"]) == (1013, "You read too slowly.")
    assert _faults(settings) == []


async def test_a_client_that_is_gone_without_a_word_is_noticed_by_the_servers_pings(settings: Settings) -> None:
    options = server(settings)
    assert (options.ws_ping_interval, options.ws_ping_timeout) == (20, 20)


async def _flood(client: Socket) -> None:
    """Ask for more than is read."""
    client.connection.transport.pause_reading()
    while True:
        await client.send("ping", payload={"a": "a" * 60_000})


def _is_stuck(client: Socket) -> Callable[[], Awaitable[bool]]:
    sizes: list[int] = []

    async def has_not_moved_for_a_while() -> bool:
        sizes.append(client.connection.transport.get_write_buffer_size())
        return len(sizes) > 50 and len(set(sizes[-50:])) == 1 and sizes[-1] > 0

    return has_not_moved_for_a_while


def _faults(settings: Settings) -> list[dict[str, object]]:
    return [line for line in logged(settings) if line["level"] in {"error", "critical"}]
