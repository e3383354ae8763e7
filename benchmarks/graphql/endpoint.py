"""The floor: each answer written by hand behind our own middleware, without GraphQL: `python -m …graphql.endpoint`.

It knows each document by its text, asks MongoDB by the driver and answers by orjson. The program around it is ours: its
middleware in its order, its log, its metrics, its check of tokens.
"""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from benchmarks.graphql import documents
from benchmarks.graphql.by_hand import Shop
from graphql_api.__main__ import bind, server
from graphql_api.app import middleware
from graphql_api.auth import Authenticator, Credentials
from graphql_api.ending import Ending
from graphql_api.facts import facts_of
from graphql_api.meters import Meters
from graphql_api.supervisor import Supervisor
from schema.access import Viewer
from schema.context import Asked
from schema.database import connect
from schema.tokens import AccessTokens
from settings import config, logging
from settings.config import Settings
from settings.parent import end_with_parent
from settings.sharing import shared_metrics

log = structlog.get_logger(__name__)

Answer = Callable[[Mapping[str, Any], Viewer | None], Awaitable[Any]]

_HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Authorization, Cookie"),
]


class Endpoint:
    """`/graphql`, for those documents and no others."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        asked, state = orjson.loads(await _body(receive)), scope["state"]
        field, answer = state["answers"][asked["query"]]
        request = Request(scope)
        viewer = await state["authenticator"].viewer(Credentials.of(request))
        facts = facts_of(request)
        facts.user_id, facts.asked = viewer and str(viewer.id), Asked("query", {field: field})
        body = orjson.dumps({"data": {field: await answer(asked.get("variables") or {}, viewer)}})
        headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def answers(shop: Shop) -> dict[str, tuple[str, Answer]]:
    """By the text of the document: the field it asks for, and what answers."""
    return {
        documents.TYPENAME: ("__typename", shop.typename),
        documents.PRODUCT: ("product", shop.product),
        documents.PRODUCTS: ("products", shop.products),
        documents.ORDERS: ("orders", shop.orders),
        documents.ME: ("me", shop.me),
    }


def application() -> Starlette:
    """Called in the process that serves."""
    settings, ending = config.load(), Ending()
    logging.configure(settings, "api")
    end_with_parent(settings.stop_grace)
    ending.take_over(settings.shutdown_grace)
    meters = Meters(CollectorRegistry())
    routes = [Route("/graphql", Endpoint(), methods=["POST"])]
    meters.know(routes)
    gc.collect()
    gc.freeze()
    wrapped = middleware(settings, meters, None)
    return Starlette(routes=routes, middleware=wrapped, lifespan=_lifespan(settings, ending))


def _lifespan(settings: Settings, ending: Ending) -> Callable[[Starlette], Any]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        database = await connect(settings.db_url, app_name="endpoint")
        tokens = AccessTokens(settings.signing_secret)
        ending.has_started = True
        log.info("api ready")
        yield {"authenticator": Authenticator(database, tokens), "answers": answers(Shop(database)), "ending": ending}
        await database.close()

    return lifespan


def main() -> None:
    """Until it is told to end."""
    settings = config.load()
    logging.configure(settings, "api")
    options = server(settings)
    options.app = "benchmarks.graphql.endpoint:application"
    with shared_metrics():
        Supervisor(options, [bind(settings.host, settings.port)], settings.stop_grace).run()


if __name__ == "__main__":
    main()
