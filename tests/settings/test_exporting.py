"""The way to a collector that is there, that is away, and that hangs."""

import threading

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from structlog.testing import capture_logs

from settings.exporting import PATH, Collector, Exporting, check
from settings.version import VERSION
from tests.support.otlp import Receiver, receiving
from tests.support.processes import free_port


def _traced(receiver: Receiver, *names: str, service: str = "postberry-api") -> Exporting:
    exporting = Exporting(receiver.url, service)
    exporting.start()
    for name in names:
        exporting.tracer.start_span(name).end()
    return exporting


def test_what_was_traced_is_exported_at_the_end(receiver: Receiver) -> None:
    _traced(receiver, "one", "two").close()
    assert {span.name for span in receiver.spans} == {"one", "two"}
    service = receiver.spans[0].service
    assert (service["service.name"], service["service.version"]) == ("postberry-api", VERSION)


def test_the_standard_variables_count(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=blue,service.version=7")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ours")
    _traced(receiver, "one").close()
    service = receiver.spans[0].service
    assert (service["service.name"], service["service.version"]) == ("shop", "7")
    assert (service["deployment.environment.name"], receiver.headers[0]["x-tenant"]) == ("blue", "ours")


def test_the_sampler_is_that_of_the_environment(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    _traced(receiver, *map(str, range(200))).close()
    assert 0 < len(receiver.spans) < 200


def test_a_collector_that_hangs_holds_nobody_up(receiver: Receiver) -> None:
    receiver.open.clear()
    exporting = _traced(receiver, *map(str, range(600)))
    assert receiver.asked.wait(20)
    for number in range(5_000):
        exporting.tracer.start_span(str(number)).end()
    exporting.close()
    assert receiver.bodies == []
    left = [each for each in threading.enumerate() if each.name in {"last spans", "OtelBatchSpanRecordProcessor"}]
    assert "last spans" in {thread.name for thread in left}
    receiver.open.set()
    for thread in left:
        thread.join(20)


def _span() -> ReadableSpan:
    span = TracerProvider(shutdown_on_exit=False).get_tracer("tests").start_span("one")
    assert isinstance(span, ReadableSpan)
    return span


@pytest.mark.parametrize("status", ["302 Found", "304 Not Modified", "308 Permanent Redirect"])
def test_a_redirect_is_no_success(receiver: Receiver, status: str) -> None:
    receiver.answer = f"HTTP/1.1 {status}\r\nLocation: {receiver.url}/login\r\nContent-Length: 0\r\n\r\n".encode()
    collector = Collector(f"{receiver.url}{PATH}")
    with capture_logs() as lines:
        assert collector.export([_span()]) is SpanExportResult.FAILURE
    collector.close()
    collector.shutdown()
    assert [line["event"] for line in lines] == ["the collector of traces is away, spans are lost"]
    assert f"redirected by {status[:3]}" in lines[0]["reason"]


def test_an_answer_without_an_end_is_not_waited_for(receiver: Receiver) -> None:
    receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    collector = Collector(f"{receiver.url}{PATH}")
    assert collector.export([_span()]) is SpanExportResult.SUCCESS
    collector.close()
    collector.shutdown()


def test_an_answer_that_drips_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    receiver.answer = b"HTTP/1.1 200 OK\r\nx: "
    receiver.open.clear()
    collector = Collector(f"{receiver.url}{PATH}")
    with capture_logs() as lines:
        results = [collector.export([_span()]), collector.export([_span()])]
    assert results == [SpanExportResult.FAILURE] * 2
    assert "no answer within" in lines[0]["reason"]
    (left,) = [thread for thread in threading.enumerate() if thread.name == "export"]
    receiver.open.set()
    left.join(20)
    assert not left.is_alive()
    collector.close()
    collector.shutdown()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-5"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "abc"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_and_nothing_is_left_behind(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    threads = set(threading.enumerate())
    with pytest.raises(ValueError, match=variable):
        check(receiver.url, "postberry-api")
    assert set(threading.enumerate()) <= threads


def test_a_check_leaves_no_thread_behind_and_asks_no_collector(receiver: Receiver) -> None:
    threads = set(threading.enumerate())
    check(receiver.url, "postberry-api")
    assert set(threading.enumerate()) <= threads
    assert not receiver.asked.is_set()


def test_a_collector_that_is_away_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3")
    span = _span()
    port = free_port()
    collector = Collector(f"http://127.0.0.1:{port}{PATH}")
    with capture_logs() as lines:
        results = [collector.export([span]), collector.export([span])]
        with receiving(port):
            results += [collector.export([span]), collector.export([span])]
    collector.close()
    collector.shutdown()
    away, back = SpanExportResult.FAILURE, SpanExportResult.SUCCESS
    assert results == [away, away, back, back]
    gone, returned = "the collector of traces is away, spans are lost", "the collector of traces is back"
    assert [line["event"] for line in lines] == [gone, returned]
    assert "Connection refused" in lines[0]["reason"]
