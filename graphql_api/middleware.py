"""What every request passes through, outermost first. Pure ASGI: context variables set here reach the resolvers."""

import re
import time
import uuid

import orjson
import structlog
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from graphql_api.errors import format_fault
from graphql_api.facts import NONE, OUR_FAULT, Facts, folded_method, shown_path
from graphql_api.headers import header
from settings.logging import request_scope

ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""A client may name its request; anything else is replaced, so that ids are safe in logs and headers."""

SLOW_MILLISECONDS = 1_000
"""A request that takes longer is logged as a warning."""

_WITH_HEADERS = {"http.response.start", "websocket.accept"}

log = structlog.get_logger(__name__)


class RequestId:
    """Gives each request its id: in `request.state`, in every log line, and in the answer's X-Request-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(header(scope, b"x-request-id") or "")
        scope.setdefault("state", {}).update(request_id=request_id, facts=Facts())
        with request_scope(request_id):
            await self._app(scope, receive, _with_id(send, request_id))


class RequestLog:
    """Logs one line for each request, once its answer is out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = log.bind()  # once, and not for each line: nobody configures it anew while requests are answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, size, began = 0, 0, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            _log_request(self._log, scope, status, size, (time.perf_counter() - began) * 1000)


class Faults:
    """Answers a fault of ours with its request's id, and logs it with its trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            scope["state"]["facts"].errors = [(NONE, OUR_FAULT)]
            get_current_span().set_attribute("exception.type", type(error).__name__)
            if started or scope["type"] != "http":
                raise
            log.exception("request raised", method=scope["method"], path=scope["path"])
            await _send_fault(send, scope["state"]["request_id"])


def _log_request(log: FilteringBoundLogger, scope: Scope, status: int, size: int, milliseconds: float) -> None:
    """One line; a status of 0: the client had gone before there was any."""
    facts: Facts = scope["state"]["facts"]
    write = log.warning if milliseconds > SLOW_MILLISECONDS else log.info
    write(
        "request",
        method=folded_method(scope["method"]),
        path=shown_path(scope["path"]),
        operation=facts.operation,
        fields=facts.fields,
        status=status,
        milliseconds=round(milliseconds, 1),
        bytes=size,
        user=facts.user_id,
        errors=facts.codes,
        refused=sorted({code for _, code in facts.refused}),
    )


def _request_id(given: str) -> str:
    return given if ACCEPTED_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _with_id(send: Send, request_id: str) -> Send:
    """Nothing else sets this header."""

    async def send_with_id(message: Message) -> None:
        if message["type"] in _WITH_HEADERS:
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
        await send(message)

    return send_with_id


async def _send_fault(send: Send, request_id: str) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(format_fault(request_id))})
