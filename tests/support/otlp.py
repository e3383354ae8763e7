"""A collector of traces for the tests: an OTLP receiver that keeps what it is sent, or does not even answer."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from typing_extensions import override

from tests.support.processes import free_port
from tests.support.waiting import until

ATTEMPT = Span.SPAN_KIND_CONSUMER
CLIENT = Span.SPAN_KIND_CLIENT
SERVER = Span.SPAN_KIND_SERVER
ERROR = Status.STATUS_CODE_ERROR


class Traced:
    """One span as it arrived, with the service it is of."""

    def __init__(self, span: Span, service: dict[str, object]) -> None:
        self.service = service
        self.name = span.name
        self.kind = span.kind
        self.trace = span.trace_id.hex()
        self.id = span.span_id.hex()
        self.parent = span.parent_span_id.hex()
        self.status = span.status
        self.attributes = _values(span.attributes)


class Receiver(ThreadingHTTPServer):
    """What it was sent: bodies as they came, and the spans in them. While it is not `open`, clients wait."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{port}"
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        self.answer: bytes | None = None
        """Sent instead of the usual one, with a body that has no end; while it is not `open`, drop by drop."""

    @property
    def spans(self) -> list[Traced]:
        """All of them so far, in the order in which they arrived."""
        return [span for body in list(self.bodies) for span in _spans(body)]

    def named(self, name: str) -> list[Traced]:
        """Those of this name."""
        return [span for span in self.spans if span.name == name]

    def wait_for(self, where: Callable[[Traced], bool], count: int = 1, deadline: float = 20) -> list[Traced]:
        """The spans that satisfy `where`, once there are `count` of them: they come in batches, every five seconds."""
        until(lambda: sum(map(where, self.spans)) >= count, f"{count} spans", deadline)
        return [span for span in self.spans if where(span)]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]  # as its base has it
    timeout = 30

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.set()
        if self.server.answer is not None:
            self._go_on_with(self.server.answer)
            return
        self.server.open.wait()
        if self.path == "/v1/traces":
            self.server.headers.append(dict(self.headers))
            self.server.bodies.append(body)
        self.send_response(200 if self.path == "/v1/traces" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _go_on_with(self, answer: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(answer)
            while not self.server.open.wait(0.05):
                self.wfile.write(b"x")
            while b"Content-Length: 0" not in answer:
                self.wfile.write(b"x" * 65_536)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def _spans(body: bytes) -> list[Traced]:
    found = ExportTraceServiceRequest.FromString(body).resource_spans
    return [
        Traced(span, _values(each.resource.attributes))
        for each in found
        for scope in each.scope_spans
        for span in scope.spans
    ]


def _values(attributes: Iterable[KeyValue]) -> dict[str, object]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """A receiver that listens, on this port or one of its own."""
    with Receiver(port or free_port()) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.open.set()
            receiver.shutdown()
            thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A collector of this test's own."""
    with receiving() as receiver:
        yield receiver
