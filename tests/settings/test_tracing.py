"""Tracing that is off, and what is carried from one program to the other."""

import subprocess
import sys

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, get_current_span, use_span
from pydantic import ValidationError

from settings import tracing
from settings.config import Settings
from tests.support.otlp import Receiver
from tests.support.worker import environment

HEAVY = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation", "google", "requests")
PROGRAM = """
import sys
from graphql_api.app import create_app
from schema.monitoring import listeners
from prometheus_client import CollectorRegistry
from settings import config
from tasks.worker import working
app = create_app(config.load())
watched = listeners(CollectorRegistry())
print([each.cls.__name__ for each in app.user_middleware], [type(each).__name__ for each in watched])
print(sorted(name for name in sys.modules if name.startswith({HEAVY})))
"""
GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _said(settings: Settings) -> list[str]:
    command, own = [sys.executable, "-c", PROGRAM.replace("{HEAVY}", repr(HEAVY))], environment(settings)
    return subprocess.run(command, env=own, capture_output=True, check=True, text=True).stdout.splitlines()[-2:]


def test_while_it_is_off_nothing_of_it_is_there(settings: Settings) -> None:
    installed, imported = _said(settings)
    assert "Spans" not in installed
    assert "CommandSpans" not in installed
    assert imported == "[]"


def test_while_it_is_on_it_is_there(settings: Settings, receiver: Receiver) -> None:
    installed, imported = _said(settings.model_copy(update={"otel_exporter_otlp_endpoint": receiver.url}))
    assert "'RequestId', 'Spans', 'Observed'" in installed
    assert "opentelemetry.sdk.trace" in imported


def test_nobody_traces_without_an_endpoint(settings: Settings) -> None:
    assert tracing.create(settings, "api") is None


@pytest.mark.parametrize("endpoint", ["localhost:4318", "grpc://collector:4317", "http://user:password@collector"])
def test_an_endpoint_is_a_web_address(settings: Settings, endpoint: str) -> None:
    with pytest.raises(ValidationError, match="must be a URL that begins with http"):
        type(settings)(app_env=settings.app_env, otel_exporter_otlp_endpoint=endpoint)


def test_a_span_is_carried_by_its_traceparent() -> None:
    span = NonRecordingSpan(
        SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, is_remote=True, trace_flags=TraceFlags(1))
    )
    with use_span(span):
        assert tracing.traceparent() == GIVEN
    assert tracing.traceparent() is None
    assert get_current_span(tracing.following(GIVEN)).get_span_context() == span.get_span_context()
