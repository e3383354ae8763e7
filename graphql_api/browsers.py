"""What browsers are told: what the answers may be used for, and which pages may ask."""

import structlog
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from settings.config import AppEnv, Settings

log = structlog.get_logger(__name__)

RawHeaders = list[tuple[bytes, bytes]]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
}
"""Of every answer that does not say otherwise itself: data and nothing else, neither run, framed nor guessed at."""

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""In production, where TLS ends before us."""

_ASKED_WITH = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-CSRF-Token",
    "X-Request-ID",
    "Apollo-Require-Preflight",
    "GraphQL-Require-Preflight",
    "traceparent",
    "tracestate",
)
THIS_MACHINE = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
NOBODY = "(?!)"
_TOLD = ("X-Request-ID", "Retry-After")
_PREFLIGHT_SECONDS = 7_200
"""The longest that Chromium remembers."""


def headers(settings: Settings) -> Middleware:
    """What every answer says."""
    return Middleware(AnswerHeaders, headers=HEADERS | (HTTPS_ONLY if settings.is_production else {}))


def cors(settings: Settings) -> list[Middleware]:
    """Of other origins the pages of FRONTEND_URL may ask, also with cookies; in development all of this machine."""
    allowed = Middleware(
        Cors,
        allow_origins=[origin.rstrip("/") for origin in settings.frontend_url],
        allow_origin_regex=developers_pages(settings),
        allow_methods=["GET", "POST"],
        allow_headers=_ASKED_WITH,
        allow_credentials=True,
        expose_headers=_TOLD,
        max_age=_PREFLIGHT_SECONDS,
    )
    return [allowed] if settings.frontend_url or settings.app_env is AppEnv.DEVELOPMENT else []


def developers_pages(settings: Settings) -> str:
    """A pattern of the origins of frontends that are being built beside us: outside development there are none."""
    return THIS_MACHINE if settings.app_env is AppEnv.DEVELOPMENT else NOBODY


class Cors(CORSMiddleware):
    """Starlette's, which says nothing of whom it refuses."""

    @override
    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == 400:  # noqa: PLR2004  (Starlette's)
            why = bytes(response.body).decode()  # origin, method or headers
            log.warning("refused to a page", origin=request_headers["origin"][:100], why=why)
        return response


_ANSWERS = {"http.response.start", "websocket.http.response.start"}
"""The second refuses a socket."""


class AnswerHeaders:
    """Adds to every answer the id of its request, and over HTTP those of these headers that it does not have."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = (b"x-request-id", scope["state"]["request_id"].encode())

        async def with_headers(message: Message) -> None:
            if message["type"] in _ANSWERS:
                message["headers"] = [*message["headers"], *self._missing(message["headers"]), request_id]
            elif message["type"] == "websocket.accept":
                message["headers"] = [*message.get("headers", ()), request_id]
            await send(message)

        await self._app(scope, receive, with_headers)

    def _missing(self, given: RawHeaders) -> RawHeaders:
        names = [name for name, _ in given]  # in lower case, as ASGI has them
        if self._names.isdisjoint(names):
            return self._headers
        return [each for each in self._headers if each[0] not in names]
