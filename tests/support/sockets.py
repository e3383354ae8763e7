"""Clients of the API's WebSocket, and the API listening within the test's process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import create_server
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from uvicorn import Server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from graphql_api.__main__ import server
from graphql_api.app import create_app
from settings.config import Settings
from tests.support.waiting import eventually

SUBPROTOCOL = "graphql-transport-ws"
JOB_UPDATED = "subscription($id: ID!){jobUpdated(id:$id){id status attempts{number}}}"
_SECONDS = 12
"""Less than a server would need that looks at tokens only from time to time."""


class Socket:
    """One WebSocket, as a client sees it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, **fields: Any) -> None:  # noqa: ANN401  # bad messages are of anything
        """Send one message."""
        await self.connection.send(orjson.dumps({"type": kind} | fields).decode())

    async def init(self, **parameters: Any) -> None:  # noqa: ANN401  # bad ones are of anything
        """Say hello, and hear that it was taken."""
        await self.send("connection_init", payload=parameters)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, variables: dict[str, Any] | None = None, operation: str = "1") -> None:
        """Begin an operation."""
        await self.send("subscribe", id=operation, payload={"query": query, "variables": variables})

    async def watch(self, job_id: str, operation: str = "1") -> None:
        """Begin to watch a job."""
        await self.subscribe(JOB_UPDATED, {"id": job_id}, operation)

    async def receive(self, within: float = _SECONDS) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(within):
            return dict(orjson.loads(await self.connection.recv()))

    async def status(self, within: float = _SECONDS) -> str:
        """Where the job that is watched stands, by the next message."""
        message = await self.receive(within)
        assert message["type"] == "next", message
        return str(message["payload"]["data"]["jobUpdated"]["status"])

    async def codes(self) -> list[str]:
        """The codes of the errors that end an operation."""
        message = await self.receive()
        assert message["type"] == "error", message
        return [error["extensions"]["code"] for error in message["payload"]]

    async def closed(self, deadline: float = _SECONDS) -> tuple[int | None, str | None]:
        """The code and the reason the server closes the socket with; what else it sends before is passed over."""
        async with asyncio.timeout(deadline):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket(url: str, **options: Any) -> AsyncIterator[Socket]:  # noqa: ANN401  # those of websockets' connect
    """A socket to the API at this URL."""
    address = f"{url.replace('http', 'ws', 1)}/graphql"
    chosen = {"subprotocols": [SUBPROTOCOL], "proxy": None, "open_timeout": _SECONDS} | options
    async with connect(address, **chosen) as connection:
        yield Socket(connection)


@asynccontextmanager
async def listening(settings: Settings, app: FastAPI | None = None) -> AsyncIterator[str]:
    """The API, or this of the test's own, within the test and on a port of its own; the options are as operators'."""
    listener = create_server(
        ("127.0.0.1", 0)
    )  # held from here on: uvicorn answers a port that is taken by ending pytest
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    options = server(settings)
    options.app, options.factory = app or create_app(settings), False
    uvicorn = Server(options)
    serving = asyncio.create_task(uvicorn.serve([listener]))

    async def is_over_or_started() -> bool:
        return serving.done() or uvicorn.started

    await eventually(is_over_or_started, "The start of the API", deadline=60)
    yield f"http://127.0.0.1:{settings.port}"
    uvicorn.should_exit = True
    await serving


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    """Where the API listens within the test."""
    async with listening(settings) as url:
        yield url
