"""How often one address may ask for what is not GraphQL, by slowapi.

It counts in the memory of each process: to ask Redis it would hold up the event loop.
"""

import math
import time
from collections.abc import Iterable

import orjson
from limits import RateLimitItem
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.errors import format_rate_refusal
from schema.networks import network
from settings.config import Settings


def limited(app: Starlette, routes: Iterable[Route], settings: Settings) -> list[Route]:
    """These routes, those of RATE_LIMITS within their limits; `app` answers those that ask for more."""
    limiter = Limiter(key_func=_address, key_style="endpoint", enabled=settings.rate_limit_enabled)

    async def refuse(request: Request, _: Exception) -> Response:
        item, names = request.state.view_rate_limit
        wait = limiter.limiter.get_window_stats(item, *names).reset_time - time.time()
        return _refusal(max(1, math.ceil(wait)), request.state.request_id)

    app.add_exception_handler(RateLimitExceeded, refuse)
    rates = settings.path_rates
    return [_limited(limiter, route, rates.get(_first_part(route.path), [])) for route in routes]


def _limited(limiter: Limiter, route: Route, rates: list[RateLimitItem]) -> Route:
    if not rates:
        return route
    limit = limiter.shared_limit(";".join(map(str, rates)), scope=_first_part(route.path))
    methods = sorted(route.methods or ()) or None
    return Route(route.path, limit(route.endpoint), methods=methods)


def _first_part(path: str) -> str:
    return "/" + path.split("/")[1]


def _address(request: Request) -> str:
    """Never empty: slowapi lets those pass."""
    return network(request.client.host if request.client else "") or "unknown"


def _refusal(seconds: int, request_id: str) -> Response:
    body = orjson.dumps(format_rate_refusal(seconds, request_id))
    return Response(body, 429, {"Retry-After": str(seconds)}, "application/json; charset=utf-8")
