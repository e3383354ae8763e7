"""`/metrics`: everything Prometheus wants to know, of all API processes, whichever of them it asks."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from graphql_api.services import Services
from settings.metrics import CONTENT_TYPE, exposition, is_permitted


def routes() -> list[Route]:
    """The route; in production it asks for METRICS_TOKEN."""
    return [Route("/metrics", show)]


async def show(request: Request) -> Response:
    """What was counted, and how the queue stands now."""
    services: Services = request.state.services
    if not is_permitted(services.settings, request.headers.get("authorization", "")):
        return PlainTextResponse("Show METRICS_TOKEN as bearer token.\n", 401, {"WWW-Authenticate": "Bearer"})
    queue = await services.queue.read()
    text = await asyncio.to_thread(exposition, services.meters.registry, queue)
    return Response(text, media_type=CONTENT_TYPE)
