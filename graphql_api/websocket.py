"""`/graphql` as a WebSocket: subscriptions, by graphql-transport-ws. Queries and mutations are for HTTP."""

import re
import sys

import structlog
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from graphql_api.auth import client
from graphql_api.browsers import developers_pages
from graphql_api.budgets.purse import holder_of
from graphql_api.connection import Connection
from graphql_api.errors import format_rate_refusal
from graphql_api.schema import Schema
from graphql_api.seats import Seats
from graphql_api.services import Services
from graphql_api.subprotocol import NAME, CloseCode
from settings.config import Settings

RETRY_SECONDS = 60
"""When to come again who has too many sockets open: nobody knows when one will be closed."""

log = structlog.get_logger(__name__)


def routes(schema: Schema, settings: Settings) -> list[WebSocketRoute]:
    """The endpoint for sockets."""
    seats = Seats(settings.socket_max_per_client if settings.rate_limit_enabled else sys.maxsize)
    own = {_origin(url) for url in (*settings.frontend_url, settings.api_url)}
    beside = re.compile(developers_pages(settings))

    async def endpoint(websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        if not (origin is None or origin in own or beside.fullmatch(origin) or _is_of_this_host(origin, websocket)):
            log.warning("websocket refused: its page is not of FRONTEND_URL", origin=origin[:100])
            await websocket.close()  # not accepted yet: 403
            return
        with seats.seat(holder_of(None, client(websocket))) as seat:
            await (_serve(websocket, Connection(websocket, schema, seat)) if seat else _refuse(websocket))

    return [WebSocketRoute("/graphql", endpoint)]


async def _serve(websocket: WebSocket, connection: Connection) -> None:
    services: Services = websocket.state.services
    offered = NAME in websocket.scope["subprotocols"]
    await websocket.accept(NAME if offered else None)
    if offered:
        with services.meters.sockets.track_inprogress():
            await connection.serve()
    else:
        await websocket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Speak {NAME}.")


async def _refuse(websocket: WebSocket) -> None:
    body = format_rate_refusal(RETRY_SECONDS, websocket.state.request_id)
    await websocket.send_denial_response(JSONResponse(body, 429, {"Retry-After": str(RETRY_SECONDS)}))


def _is_of_this_host(origin: str, websocket: WebSocket) -> bool:
    return origin.partition("://")[2] == websocket.headers.get("host")


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
