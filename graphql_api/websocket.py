"""`/graphql` as a WebSocket: subscriptions, by graphql-transport-ws. Queries and mutations are for HTTP."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import orjson
import structlog
from graphql import GraphQLError
from pymongo.errors import ConnectionFailure
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from graphql_api.auth import client
from graphql_api.errors import format_errors, refusal
from graphql_api.facts import Facts
from graphql_api.identity import Identity, identify
from graphql_api.request import GraphQLRequest
from graphql_api.schema import Schema
from graphql_api.services import Services
from graphql_api.spans import subscribed
from graphql_api.subprotocol import (
    NAME,
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

INIT_SECONDS = 10.0
"""How long a client may take to say who it is."""

SEND_SECONDS = 10.0
"""How long a client may take to receive a message: then it is too slow, and the socket is closed."""

CLOSE_SECONDS = 1.0
"""How long the message of the closing may take."""

MOST_OPERATIONS = 50
"""How many operations may run at once on one socket."""

ErrorT = TypeVar("ErrorT", bound=Exception)

ONLY_SUBSCRIPTIONS = "Only subscriptions go over a WebSocket: send queries and mutations over HTTP."

log = structlog.get_logger(__name__)


def routes(schema: Schema) -> list[WebSocketRoute]:
    """The endpoint for sockets."""

    async def endpoint(websocket: WebSocket) -> None:
        offered = NAME in websocket.scope["subprotocols"]
        await websocket.accept(NAME if offered else None)
        if offered:
            with websocket.state.services.meters.sockets.track_inprogress():
                await Connection(websocket, schema).serve()
        else:
            await websocket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Speak {NAME}.")

    return [WebSocketRoute("/graphql", endpoint)]


class Connection:
    """One socket, with all its operations: tasks that end with it."""

    def __init__(self, websocket: WebSocket, schema: Schema) -> None:
        self._websocket = websocket
        self._schema = schema
        self._services: Services = websocket.state.services
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
        self._is_acknowledged = True
        await self._send("connection_ack")
        if self._identity:
            self._tasks.create_task(self._identity.watch(self._services.changes))

    async def _subscribe(self, message: Subscribe) -> None:
        if not self._is_acknowledged:
            raise CloseSocket(CloseCode.UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise CloseSocket(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            payload = refusal(f"At most {MOST_OPERATIONS} operations at once.", self._request_id)
            await self._send("error", id=message.id, payload=payload)
        else:
            self._operations[message.id] = self._tasks.create_task(self._run(message.id, message.request))

    async def _cancel(self, operation: str) -> None:
        if task := self._operations.pop(operation, None):
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, operation: str, request: GraphQLRequest) -> None:
        """Run one operation; its line is logged when it is over."""
        facts, began = Facts(), time.monotonic()
        with subscribed(self._services.tracer, facts, self._request_id):
            try:
                await self._send_results(operation, request, facts)
            finally:
                seconds = round(time.monotonic() - began, 1)
                self._services.meters.answered(facts, seconds)
                log.info("subscription", fields=facts.fields, user=facts.user_id, errors=facts.codes, seconds=seconds)

    async def _send_results(self, operation: str, request: GraphQLRequest, facts: Facts) -> None:
        """Send each result of one operation, and how it ended."""
        async with aclosing(self._results(request, facts)) as results:
            async for result in results:
                if _is_over(result):
                    facts.failed_with(errors := self._errors(result.errors or []))
                    return await self._end(operation, "error", errors)
                if self._identity:
                    await self._identity.check()
                await self._send("next", id=operation, payload=self._payload(result))
        return await self._end(operation, "complete")

    async def _results(self, request: GraphQLRequest, facts: Facts) -> AsyncGenerator[ExecutionResult, None]:
        """The results of an operation; a document that cannot be parsed has one as well, which Strawberry raises."""
        viewer = self._identity.viewer if self._identity else None
        context = self._services.context(self._request_id, viewer, client(self._websocket))
        facts.came_from(context)
        try:
            stream = await self._schema.subscribe(
                await self._services.persisted.text(request, context),
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=context,
            )
            async with aclosing(stream) as results:
                async for result in results:
                    yield result
        except GraphQLError as error:
            yield PreExecutionError(None, [error])

    def _payload(self, result: ExecutionResult) -> dict[str, Any]:
        return {"data": result.data} | ({"errors": self._errors(result.errors)} if result.errors else {})

    def _errors(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        cause = errors[0].original_error
        if isinstance(cause, InvalidOperationTypeError):
            return refusal(ONLY_SUBSCRIPTIONS, self._request_id)
        if isinstance(cause, CannotGetOperationTypeError):
            return refusal(cause.as_http_error_reason(), self._request_id)
        return format_errors(errors, self._request_id)

    async def _end(self, operation: str, kind: str, payload: object = None) -> None:
        """The last message of an operation; from then on its id is free."""
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


def _is_over(result: ExecutionResult) -> bool:
    """Whether the operation was refused, or its source failed: no error of one of its results."""
    return isinstance(result, PreExecutionError) or (
        result.data is None and all(error.path is None for error in result.errors or ())
    )


def _first(group: BaseExceptionGroup[ErrorT]) -> ErrorT:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
