"""MongoDB's commands as spans: which, on what collection, how long. `schema.monitoring` imports it when needed."""

from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span
from pymongo import monitoring
from typing_extensions import override


class CommandSpans(CommandTracer):
    """OpenTelemetry's, for commands that belong to a span: what a process asks by itself all the time is no trace."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(tracer, failed_hook=_without_words, capture_statement=False)

    @override
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if get_current_span().is_recording():
            super().started(event)


def _without_words(span: Span, event: monitoring.CommandFailedEvent) -> None:
    """MongoDB's words for what went wrong may hold values, like the address that is taken; its code does not."""
    span.set_status(StatusCode.ERROR)
    span.set_attribute("db.response.status_code", str(event.failure.get("code", "")))
