"""The way to a collector that is there, that is away, and that hangs."""

import threading

import pytest

from settings.exporting import Exporting
from settings.version import VERSION
from tests.support.otlp import Receiver


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
    receiver.open.set()
    for thread in threading.enumerate():
        if thread.name in {"last spans", "OtelBatchSpanRecordProcessor"}:
            thread.join(20)
            assert not thread.is_alive()
