"""The worker's `/metrics`, on METRICS_PORT: every process listens there, and whichever is asked speaks for all."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from typing_extensions import override
from uvicorn import Config, Server
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from schema.system.metrics import QueueGauges
from settings.config import Settings
from settings.metrics import CONTENT_TYPE, exposition, is_permitted

log = structlog.get_logger(__name__)


@contextmanager
def port_kept(settings: Settings) -> Iterator[None]:
    """For what starts the processes: while the block runs, no other worker program shares their METRICS_PORT.

    If one has it already, the log says so and the processes serve no metrics.
    """
    if not settings.metrics_port:
        yield
        return
    with socket.socket(socket.AF_UNIX) as lock:  # it belongs to the network's namespace, as the port does
        os.register_at_fork(after_in_child=lock.close)  # processes that outlive their parent do not keep it
        try:
            lock.bind(f"\0postberry-metrics-{settings.host}-{settings.metrics_port}")
        except OSError as error:
            _say_not_served(settings, error)
            os.environ["METRICS_PORT"] = "0"
        yield


class Endpoint:
    """The ASGI application: it knows one path."""

    def __init__(self, settings: Settings, registry: CollectorRegistry, queue: QueueGauges) -> None:
        self._settings = settings
        self._registry = registry
        self._queue = queue

    async def __call__(self, scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request."""
        status, text = await self._answer(scope)
        headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": text, "more_body": False})

    async def _answer(self, scope: Any) -> tuple[int, bytes]:  # noqa: ANN401  (uvicorn's union of kinds of scopes)
        if scope["path"] != "/metrics" or scope["method"] not in {"GET", "HEAD"}:
            return 404, b"There is nothing but /metrics.\n"
        if not is_permitted(self._settings, dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")):
            return 401, b"Show METRICS_TOKEN as bearer token.\n"
        queue = await self._queue.read()
        return 200, await asyncio.to_thread(exposition, self._registry, queue)


class _Quiet(Server):
    """Leaves signals to the program."""

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def metrics_served(settings: Settings, endpoint: Endpoint) -> AsyncIterator[None]:
    """While the block runs, answer on METRICS_PORT; nothing is done when it is 0, and work goes on when it is taken."""
    listener = _listener(settings)
    if listener is None:
        yield
        return
    options = Config(
        endpoint,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Quiet(options)
    serving = asyncio.create_task(server.serve([listener]), name="metrics")
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listener(settings: Settings) -> socket.socket | None:
    """A socket that the worker's other processes may open as well."""
    if not settings.metrics_port:
        return None
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((settings.host, settings.metrics_port))
    except OSError as error:
        listener.close()
        _say_not_served(settings, error)
        return None
    return listener


def _say_not_served(settings: Settings, error: OSError) -> None:
    log.error("metrics are not served, see METRICS_PORT", port=settings.metrics_port, error=str(error))
