"""CPU that every request costs before it is looked at: `python -m benchmarks.middleware`.

The application's own middleware around a route that does nothing, as a process of several has it: it logs to files
and its metrics are shared. Each figure is the best of some rounds, in microseconds of CPU.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Histogram
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope

from graphql_api import browsers, compression, hosts
from graphql_api.budgets.purse import Allowance, purse_of
from graphql_api.budgets.shared import Budgets
from graphql_api.documents.bill import READING, Bill
from graphql_api.documents.cache import Documents
from graphql_api.documents.cost import requested
from graphql_api.facts import facts_of
from graphql_api.meters import Meters
from graphql_api.middleware import Faults, Observed, RequestId, RequestLog
from graphql_api.schema import create_schema
from schema.context import Asked, Client
from settings import logging
from settings.config import AppEnv, Settings
from settings.limits import QueryLimits
from settings.sharing import VARIABLE, shared_metrics

ROUNDS = 9
REQUESTS = 3_000
TOGETHER = 10
"""Requests that end in one turn of the event loop."""

PAGE = "{products(first:20){nodes{id}}}"
HEADERS = [(b"host", b"x"), (b"content-type", b"application/json"), (b"authorization", b"Bearer " + b"x" * 400)]


async def _plain(_: Request) -> Response:
    return Response(b'{"data":{"me":null}}', media_type="application/json")


async def _noted(request: Request) -> Response:
    facts = facts_of(request)
    facts.user_id, facts.asked = "6b029146e2d29efd1090a1b9", Asked("query", {"me": "me"})
    return await _plain(request)


def _application(middleware: list[Middleware], meters: Meters | None = None) -> Starlette:
    app = Starlette(
        routes=[Route("/graphql", _noted if middleware else _plain, methods=["POST"])], middleware=middleware
    )
    if meters:
        meters.know(app.routes)
    return app


async def _microseconds(app: Starlette) -> float:
    return min([await _round(app) for _ in range(ROUNDS)])


async def _round(app: Starlette) -> float:
    began = time.process_time()
    for number in range(REQUESTS):
        await app(_scope(), _receive, _send)
        if number % TOGETHER == 0:
            await asyncio.sleep(0)  # the log writes what it has
    return (time.process_time() - began) / REQUESTS * 1e6


def _scope() -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": HEADERS,
        "state": {},
    }


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_: Message) -> None:
    pass


def _own(*observers: Callable[[Scope], None]) -> list[Middleware]:
    return [Middleware(RequestId), Middleware(Observed, observers=observers), Middleware(Faults)]


async def _measure() -> None:
    meters = Meters(CollectorRegistry())
    bare = await _microseconds(_application([]))
    logged = await _microseconds(_application(_own(RequestLog())))
    counted = await _microseconds(_application(_own(RequestLog(), meters.requested), meters))
    settings = Settings(app_env=AppEnv.TEST, frontend_url=("https://shop.example.com",), allowed_hosts=("x",))
    for_browsers = [
        browsers.headers(settings),
        *hosts.middleware(settings),
        *browsers.cors(settings),
        compression.middleware(),
    ]
    whole = await _microseconds(_application([*_own(RequestLog(), meters.requested), *for_browsers], meters))
    limits = _limits()
    print(f"id, log, faults: {logged - bare:.0f} µs a request")
    print(f"metrics:         {counted - logged:.0f} µs a request")
    print(f"headers, hosts, CORS, compression: {whole - counted:.0f} µs a request")
    print(f"limits, budget:  {limits:.0f} µs a request")
    print(f"all together:    {whole - bare + limits:.0f} µs a request")
    print(f"a line of the log:  {_line():.1f} µs")
    print(f"a shared histogram: {_histogram():.1f} µs an observation")


def _limits() -> float:
    """To find a document that is known, to see what it costs, to pay for it and to get back what it did not need."""
    schema, documents = create_schema()._schema, Documents(QueryLimits())  # noqa: SLF001  (Strawberry shows it nowhere else)
    budgets, allowance = Budgets("redis://127.0.0.1:9"), Allowance.of(Settings(app_env=AppEnv.TEST))
    data = {"products": {"nodes": [{"id": "x"}] * 20}}
    began = time.process_time()
    for _ in range(REQUESTS):
        bill = Bill(purse_of(budgets, allowance, None, Client("203.0.113.7")))
        bill.charge(READING)
        operation = documents.prepare(schema, PAGE).operations[None]
        bill.open(operation.cost, requested(operation.cost, {}), operation.fields.values())
        bill.settled(bill.cost_of(data))
    return (time.process_time() - began) / REQUESTS * 1e6


def _line() -> float:
    log, facts = structlog.get_logger(__name__), {"method": "POST", "path": "/graphql", "operation": "query"}
    began = time.process_time()
    for _ in range(REQUESTS):
        with logging.request_scope("0190a7e08c1e70008000000000000000"):
            log.info("request", **facts, fields=["me"], status=200, milliseconds=1.2, bytes=99, user=None, errors=[])
    return (time.process_time() - began) / REQUESTS * 1e6


def _histogram() -> float:
    histogram = Histogram("a", "b", ["c"], registry=None)
    began = time.process_time()
    for _ in range(REQUESTS):
        histogram.labels("d").observe(1)
    return (time.process_time() - began) / REQUESTS * 1e6


def main() -> None:
    """Measure in a process of its own, whose metrics are shared from the start."""
    if VARIABLE in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            logging.configure(Settings(app_env=AppEnv.TEST, log_dir=Path(folder)), "api")
            asyncio.run(_measure())
        return
    with shared_metrics():
        command = [sys.executable, "-m", "benchmarks.middleware"]
        sys.exit(subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode)


if __name__ == "__main__":
    main()
