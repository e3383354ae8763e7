"""Tracing by OpenTelemetry: off, and nothing of its SDK is imported, unless OTEL_EXPORTER_OTLP_ENDPOINT is set.

Spans are told apart and carried by OpenTelemetry's API alone: there is no provider for all of a process, and who makes
spans is given a tracer.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from opentelemetry.context import Context
from opentelemetry.trace import Tracer, format_span_id, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.typing import EventDict

from settings.config import Settings

_FIELD = "traceparent"
_W3C = TraceContextTextMapPropagator()


class Tracing(Protocol):
    """What one process traces with. Spans go out from `start` to `close`, which takes two seconds at most."""

    @property
    def tracer(self) -> Tracer:
        """Makes spans."""

    def start(self) -> None:
        """Begin to export what the tracer makes."""

    def close(self) -> None:
        """Export what is left, if the collector takes it in time."""


def create(settings: Settings, program: str) -> Tracing | None:
    """What this process of `program` traces with; None: it does not. Nothing is opened yet."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    # by its name: who does not trace shall not pay for the SDK, protobuf and requests with memory
    exporting = importlib.import_module("settings.exporting")
    tracing: Tracing = exporting.Exporting(settings.otel_exporter_otlp_endpoint, f"postberry-{program}")
    return tracing


def check(settings: Settings, program: str) -> None:
    """ValueError says with which variable of the SDK `program` could not trace."""
    if settings.otel_exporter_otlp_endpoint:
        exporting = importlib.import_module("settings.exporting")
        exporting.check(settings.otel_exporter_otlp_endpoint, f"postberry-{program}")


@asynccontextmanager
async def exported(tracing: Tracing | None) -> AsyncIterator[None]:
    """While the block runs, export what is traced."""
    if tracing is None:
        yield
        return
    tracing.start()
    try:
        yield
    finally:
        await asyncio.to_thread(tracing.close)


def traceparent() -> str | None:
    """W3C's name of the current span, for who goes on with it elsewhere; None: there is none."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(_FIELD)


def following(given: object) -> Context:
    """The context of a span that goes on with this `traceparent`; a trace begins anew if it is none."""
    return _W3C.extract({_FIELD: given}, Context()) if isinstance(given, str) else Context()


def with_span(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The processor of log lines that adds where in a trace they were written."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        event.update(trace_id=format_trace_id(span.trace_id), span_id=format_span_id(span.span_id))
    return event
