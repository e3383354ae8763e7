"""Which hosts requests may name: a page that has its own name point at us is no page of ours.

Starlette's TrustedHostMiddleware answers in plain text, believes the first of several Host headers, and knows of no
probes, which come by address.
"""

from collections.abc import Iterable

import orjson
import structlog
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from graphql_api.errors import format_refusal
from graphql_api.facts import NONE
from settings.config import Settings
from settings.http import ANY_HOST, host_name, host_of

log = structlog.get_logger(__name__)

OPEN_PATHS = frozenset({"/live", "/ready", "/health", "/metrics"})
"""What programs beside us ask for, by whatever name or address they have of us."""


def middleware(settings: Settings) -> list[Middleware]:
    """Nothing where any host will do."""
    names = _names(settings)
    return [] if not names or ANY_HOST in names else [Middleware(AllowedHosts, names=names)]


def _names(settings: Settings) -> tuple[str, ...]:
    if settings.allowed_hosts or not (settings.is_production and settings.public_url):
        return settings.allowed_hosts
    return (host_of(settings.public_url),)


class AllowedHosts:
    """Refuses what names another host, or none, or several. Only Host counts: anybody can send X-Forwarded-Host."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(names)
        self._endings = tuple(name.removeprefix("*") for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS or self._is_allowed(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)  # before it is accepted: the handshake is answered with 403
        else:
            await _refusal(scope)(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        name = host_name(given[0].decode("latin-1")) if len(given) == 1 else None
        return name is not None and (name in self._names or name.endswith(self._endings))


def _refusal(scope: Scope) -> Response:
    state = scope["state"]
    given = [value[:100].decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    log.warning("refused, its host is none of ALLOWED_HOSTS or PUBLIC_URL", host=given[:3])
    state["facts"].errors = [(NONE, "BAD_USER_INPUT")]
    body = format_refusal("This host is none of ours.", state["request_id"])
    return Response(orjson.dumps(body), 400, media_type="application/json")
