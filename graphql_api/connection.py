"""What is spoken over one socket: graphql-transport-ws, message by message."""

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import orjson
import structlog
from pymongo.errors import ConnectionFailure
from starlette.websockets import WebSocket, WebSocketDisconnect

from graphql_api.auth import client
from graphql_api.budgets.purse import holder_of
from graphql_api.errors import refusal
from graphql_api.identity import Identity, identify
from graphql_api.schema import Schema
from graphql_api.seats import Seat
from graphql_api.services import Services
from graphql_api.subprotocol import (
    CloseCode,
    CloseSocket,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Pong,
    Subscribe,
    parse,
)
from graphql_api.subscription import Subscriptions

INIT_SECONDS = 5.0
"""How long a client may take to say who it is."""

SEND_SECONDS = 10.0
"""How long a client may take to receive a message: then it is too slow, and the socket is closed."""

CLOSE_SECONDS = 1.0
"""How long the message of the closing may take."""

ErrorT = TypeVar("ErrorT", bound=Exception)

log = structlog.get_logger(__name__)


class Connection:
    """One socket, with all its operations: tasks that end with it."""

    def __init__(self, websocket: WebSocket, schema: Schema, seat: Seat) -> None:
        self._websocket = websocket
        self._services: Services = websocket.state.services
        self._subscriptions = Subscriptions(websocket, schema)
        self._seat = seat
        self._tasks = asyncio.TaskGroup()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._identity: Identity | None = None
        self._is_acknowledged = False

    async def serve(self) -> None:
        """Speak until one of the two closes the socket."""
        began = time.monotonic()
        closing = await self._speak()
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):  # gone, closed already, or stuck
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(closing.code, closing.reason)
        seconds = round(time.monotonic() - began, 1)
        log.info("websocket closed", code=int(closing.code), reason=closing.reason, seconds=seconds)

    async def _speak(self) -> CloseSocket:
        """Why the socket is to be closed; every task has ended by then."""
        closing = CloseSocket(CloseCode.INTERNAL_ERROR, f"Something went wrong on our side: {self._request_id}")
        try:
            async with self._tasks:
                await self._receive()
        except* WebSocketDisconnect as group:
            closing = CloseSocket(_first(group).code, _first(group).reason)
        except* CloseSocket as group:
            closing = _first(group)
        except* ConnectionFailure:
            closing = CloseSocket(CloseCode.TRY_AGAIN_LATER, "The database is away.")
        except* Exception:
            log.exception("websocket raised")
        return closing

    @property
    def _request_id(self) -> str:
        return str(self._websocket.state.request_id)

    async def _receive(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS) as patience:
                while True:
                    await self._handle(await self._message())
                    if self._is_acknowledged:
                        patience.reschedule(None)
        except TimeoutError:
            if self._is_acknowledged:
                raise
            raise CloseSocket(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Say connection_init first.") from None

    async def _message(self) -> Message:
        frame = await self._websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame["code"], frame.get("reason"))
        return parse(frame.get("text"))

    async def _handle(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._acknowledge(message)
            case Ping(payload):
                await self._send("pong", **({"payload": payload} if payload else {}))
            case Pong():
                pass
            case Subscribe():
                await self._subscribe(message)
            case Complete():
                await self._cancel(message.id)

    async def _acknowledge(self, message: ConnectionInit) -> None:
        if self._is_acknowledged:
            raise CloseSocket(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
        self._identity = await identify(self._websocket, message.parameters)
        if self._identity and not self._seat.take(holder_of(self._identity.viewer, client(self._websocket))):
            raise CloseSocket(CloseCode.TOO_MANY, "You have too many sockets open.")
        self._is_acknowledged = True
        await self._send("connection_ack")
        if self._identity:
            self._tasks.create_task(self._identity.watch(self._services.changes))

    async def _subscribe(self, message: Subscribe) -> None:
        if not self._is_acknowledged:
            raise CloseSocket(CloseCode.UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise CloseSocket(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._operations) >= (most := self._services.settings.socket_max_subscriptions):
            payload = refusal(f"At most {most} subscriptions at once.", self._request_id)
            await self._send("error", id=message.id, payload=payload)
        else:
            self._operations[message.id] = self._tasks.create_task(self._run(message))

    async def _cancel(self, operation: str) -> None:
        if task := self._operations.pop(operation, None):
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, message: Subscribe) -> None:
        await self._subscriptions.run(message.request, self._identity, partial(self._tell, message.id))

    async def _tell(self, operation: str, kind: str, payload: object) -> None:
        """Send a message of an operation; after its last one its id is free."""
        if kind != "next":
            self._operations.pop(operation, None)
        await self._send(kind, id=operation, **({"payload": payload} if payload else {}))

    async def _send(self, kind: str, **fields: Any) -> None:  # noqa: ANN401  (JSON is anything)
        message = orjson.dumps({"type": kind} | fields).decode()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._websocket.send_text(message)
        except TimeoutError:
            raise CloseSocket(CloseCode.TRY_AGAIN_LATER, "You read too slowly.") from None
        except RuntimeError as error:
            raise WebSocketDisconnect(CloseCode.ABNORMAL) from error  # uvicorn has closed it, the notice is on its way


def _first(group: BaseExceptionGroup[ErrorT]) -> ErrorT:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
