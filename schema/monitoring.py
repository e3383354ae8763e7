"""What the driver tells of MongoDB: how long commands take, and how its pool of connections is used."""

import importlib

from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pymongo import monitoring
from pymongo.monitoring import CommandListener, ConnectionPoolListener
from typing_extensions import override

Listener = CommandListener | ConnectionPoolListener

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def listeners(registry: CollectorRegistry, tracer: Tracer | None = None) -> list[Listener]:
    """For `connect`; with a tracer, commands are spans as well."""
    return [Commands(registry), Pool(registry), *([_spans(tracer)] if tracer else [])]


def _spans(tracer: Tracer) -> Listener:
    # by its name: who does not trace shall not pay for the instrumentation with memory
    spans: Listener = importlib.import_module("schema.command_spans").CommandSpans(tracer)
    return spans


class Commands(CommandListener):
    """Times each command, by its name: which ones there are is up to our code alone."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "postberry_mongodb_command_seconds",
            "Time of MongoDB's commands; getMore of a change stream waits for changes.",
            ["command"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._failures = Counter(
            "postberry_mongodb_command_failures",
            "Commands that MongoDB refused or lost.",
            ["command"],
            registry=registry,
        )
        self._by_name: dict[str, Histogram] = {}

    @override
    def started(self, event: monitoring.CommandStartedEvent) -> None: ...

    @override
    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._timer(event.command_name).observe(event.duration_micros / 1e6)

    @override
    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._timer(event.command_name).observe(event.duration_micros / 1e6)
        self._failures.labels(event.command_name).inc()

    def _timer(self, name: str) -> Histogram:
        """Kept: to look a label up costs as much as to count."""
        if (timer := self._by_name.get(name)) is None:
            timer = self._by_name[name] = self._seconds.labels(name)
        return timer


class Pool(ConnectionPoolListener):
    """Counts connections."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "postberry_mongodb_connections", "Connections to MongoDB.", registry=registry, multiprocess_mode="livesum"
        )
        self._in_use = Gauge(
            "postberry_mongodb_connections_in_use",
            "Connections to MongoDB that are being used.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._waits = Histogram(
            "postberry_mongodb_connection_wait_seconds",
            "How long a command waited for its connection.",
            buckets=BUCKETS,
            registry=registry,
        )
        self._failures = Counter(
            "postberry_mongodb_connection_failures", "Commands that got no connection.", registry=registry
        )

    @override
    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        self._open.inc()

    @override
    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        self._open.dec()

    @override
    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        self._in_use.inc()
        self._waits.observe(event.duration or 0)

    @override
    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        self._in_use.dec()

    @override
    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        self._failures.inc()

    @override
    def connection_check_out_started(self, event: monitoring.ConnectionCheckOutStartedEvent) -> None: ...

    @override
    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None: ...

    @override
    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None: ...

    @override
    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None: ...

    @override
    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None: ...

    @override
    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None: ...
