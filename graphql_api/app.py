"""The ASGI application."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import structlog
from fastapi import FastAPI
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from graphql_api import (
    browsers,
    compression,
    endpoint,
    files,
    health,
    hosts,
    mailbox,
    metrics,
    root,
    unsubscribe,
    websocket,
)
from graphql_api.caching.opening import PublicData
from graphql_api.console import page as console
from graphql_api.documents.cache import Documents
from graphql_api.ending import Ending
from graphql_api.graphiql import page
from graphql_api.meters import Meters
from graphql_api.middleware import Faults, Observed, RequestId, RequestLog
from graphql_api.persisted.file import BadDocumentsError
from graphql_api.route_limits import limited
from graphql_api.schema import create_schema, unknown_fields
from graphql_api.services import Services, opened
from graphql_api.spans import Spans, root_fields, traced_executor
from graphql_api.trusted import refused, trusted_documents
from graphql_api.watch import watching
from settings import config, logging, sharing, tracing
from settings.config import AppEnv, Settings
from settings.lag import lag_measured
from settings.parent import end_with_parent, is_orphan
from settings.pulse import beating

log = structlog.get_logger(__name__)


class State(TypedDict):
    """What `request.state` holds, beside `request_id`."""

    services: Services
    ending: Ending


def from_environment() -> FastAPI:
    """Called by uvicorn in each API process."""
    settings, ending = config.load(), Ending()
    logging.configure(settings, "api")
    end_with_parent(settings.stop_grace)
    ending.take_over(settings.shutdown_grace)
    try:
        app = create_app(settings, ending)
    except BadDocumentsError as error:  # the file has changed since the program has tried it
        raise SystemExit(refused(error)) from error
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """What is there now stays for good: to look through it time and again held the loop for a tenth of a second."""
    gc.collect()
    gc.freeze()


def create_app(settings: Settings, ending: Ending | None = None) -> FastAPI:
    """The application for these settings; opens nothing until it is started. `ending` is that of the process."""
    meters, ending = Meters(CollectorRegistry()), ending or Ending()
    traces = tracing.create(settings, "api")
    tracer = traces.tracer if traces else None
    documents = Documents(settings, is_schema_open=settings.is_schema_open)
    documents.watch = root_fields(tracer) if tracer else None
    documents.fell_back = meters.fell_back
    schema = create_schema(documents, traced_executor(tracer) if tracer else None)
    public = PublicData.of(schema)
    development = settings.app_env is AppEnv.DEVELOPMENT
    with_graphiql = development or settings.allow_debug
    trusted = trusted_documents(settings, schema, documents, are_all=not with_graphiql)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with (
            beating(),
            tracing.exported(traces),
            opened(settings, meters, trusted, public, tracer) as services,
            watching(services.database),
            lag_measured(meters.registry),
        ):
            documents.answers = services.answers
            ending.has_started = True
            log.info("api ready", host=settings.host, port=settings.port)
            yield {"services": services, "ending": ending}
        if is_orphan():
            sharing.forget()
        log.info("api stopped")

    app = FastAPI(
        title="Postberry",
        redirect_slashes=False,
        openapi_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI's own would tell of queries in URLs
        middleware=[*middleware(settings, meters, tracer), Middleware(endpoint.Shortcut)],
    )
    app.router.routes += [
        *endpoint.routes(schema, with_graphiql=with_graphiql),
        *websocket.routes(schema, settings),
        *limited(app, [*files.routes(), *unsubscribe.routes(), *health.routes()], settings),
        *metrics.routes(),
        *(page.routes() if with_graphiql else []),
        *(console.routes(mailbox.PATH if development else None) if settings.console_enabled else []),
        *([*mailbox.routes(settings.mailbox_dir), *root.routes()] if development else []),
    ]
    meters.know(app.router.routes)
    if unknown := unknown_fields(schema, settings.field_rates):
        log.error("RATE_LIMITS names what is no root field", fields=unknown)
    log.info("routes are there", routes=len(app.router.routes))
    return app


def middleware(settings: Settings, meters: Meters, tracer: Tracer | None) -> list[Middleware]:
    """What every request passes through, outermost first."""
    spans = [Middleware(Spans, tracer)] if tracer else []
    observed = Middleware(Observed, observers=(RequestLog(), meters.requested))
    seen = [Middleware(RequestId), *spans, observed]
    checked = [browsers.headers(settings), *hosts.middleware(settings), *browsers.cors(settings)]
    return [*seen, *checked, Middleware(Faults), compression.middleware()]
