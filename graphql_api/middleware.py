"""What every request passes through, outermost first. Pure ASGI: context variables set here reach the resolvers."""

import re
import secrets
import time
from collections.abc import Callable, Sequence

import orjson
import structlog
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.errors import format_fault
from graphql_api.facts import NONE, OUR_FAULT, Facts, folded_method, shown_path
from graphql_api.headers import header
from settings import logging

ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""A client may name its request; anything else is replaced, so that ids are safe in logs and headers."""

SLOW_MILLISECONDS = 1_000
"""A request that takes longer is logged as a warning."""

log = structlog.get_logger(__name__)
_requests = structlog.get_logger(__name__, logging.SOON)


class RequestId:
    """Gives each request its id: in `request.state`, in every log line, and by `AnswerHeaders` in X-Request-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(header(scope, b"x-request-id") or "")
        scope.setdefault("state", {}).update(request_id=request_id, facts=Facts())
        with logging.request_scope(request_id):
            await self._app(scope, receive, send)


class Observed:
    """Notes what becomes of each request, and tells the observers once its answer is out."""

    def __init__(self, app: ASGIApp, observers: Sequence[Callable[[Scope], None]]) -> None:
        self._app = app
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        facts: Facts = scope["state"]["facts"]
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts.status, facts.waited = message["status"], time.perf_counter() - began
            else:
                facts.size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            facts.seconds = time.perf_counter() - began
            for observe in self._observers:
                observe(scope)


class RequestLog:
    """Logs one line for each request; a status of 0: the client had gone before there was any."""

    def __init__(self) -> None:
        self._log = _requests.bind()  # once, not for each line: nobody configures it anew while requests are answered

    def __call__(self, scope: Scope) -> None:
        """Log that it is over."""
        facts: Facts = scope["state"]["facts"]
        milliseconds = facts.seconds * 1000
        write = self._log.warning if milliseconds > SLOW_MILLISECONDS else self._log.info
        write(
            "request",
            method=folded_method(scope["method"]),
            path=shown_path(scope["path"]),
            operation=facts.operation,
            fields=facts.fields,
            status=facts.status,
            milliseconds=round(milliseconds, 1),
            bytes=facts.size,
            user=facts.user_id,
            errors=facts.codes,
            refused=sorted({code for _, code in facts.refused}),
        )


class Faults:
    """Answers a fault of ours with its request's id, and logs it with its trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            facts: Facts = scope["state"]["facts"]
            facts.errors = [(NONE, OUR_FAULT)]
            get_current_span().set_attribute("exception.type", type(error).__name__)
            if facts.status or scope["type"] != "http":
                raise
            log.exception("request raised", method=scope["method"], path=scope["path"])
            await _send_fault(send, scope["state"]["request_id"])


def _request_id(given: str) -> str:
    return given if ACCEPTED_REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


async def _send_fault(send: Send, request_id: str) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(format_fault(request_id))})
