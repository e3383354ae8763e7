"""Where spans go: to an OpenTelemetry collector, in batches, from a thread. `settings.tracing` imports it when needed.

The SDK reads the other variables that begin with OTEL_ itself.
"""

import logging
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from requests import RequestException, Response, Session
from typing_extensions import override

from settings.version import VERSION

PATH = "/v1/traces"
"""What OTLP has behind an endpoint that is for all signals."""

FLUSH_SECONDS = 2.0
"""How long a process that ends waits for the collector."""

_EXPORTER = OTLPSpanExporter.__module__
_QUEUE = "opentelemetry.sdk._shared_internal"
"""The loggers of the SDK that tell of each export that failed, and of spans that found no room."""

_VARIABLES = {
    "max_queue_size": "OTEL_BSP_MAX_QUEUE_SIZE",
    "max_export_batch_size": "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    "schedule_delay_millis": "OTEL_BSP_SCHEDULE_DELAY",
}
"""What the SDK's complaints call by other names."""

log = structlog.get_logger(__name__)


def check(endpoint: str, service: str) -> None:
    """ValueError names the variable with which no process could export."""
    try:
        exporting = Exporting(endpoint, service)
        try:
            exporting.start()
        finally:
            exporting.close()
    except ValueError as error:
        said = re.sub("|".join(_VARIABLES), lambda name: _VARIABLES[name[0]], str(error))
        raise ValueError(said) from None


class Exporting:
    """The tracer of one process, and its way to the collector."""

    def __init__(self, endpoint: str, service: str) -> None:
        self._url = f"{endpoint.rstrip('/')}{PATH}"
        self._provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False)
        self._exporter: Collector | None = None
        self.tracer = self._provider.get_tracer("postberry", VERSION)

    def start(self) -> None:
        """Begin to export."""
        self._exporter = Collector(self._url)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))

    def close(self) -> None:
        """Export the rest; what the collector does not take in time is lost, and its thread ends with the process."""
        ending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)
        if self._exporter:
            self._exporter.close()


class _Session(Session):
    """Refuses redirects, which the SDK takes for success, and reads no body: the SDK has no use for one.

    And it is done when the time is up, where `requests` would wait anew for each byte. What it waited for is left to a
    thread, beside which there is no second one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._answer: Future[Response] | None = None

    @override
    def request(self, *args: Any, timeout: Any = None, **options: Any) -> Response:
        if self._answer and not self._answer.done():
            raise RequestException("the last request has still no end")
        call = partial(super().request, *args, **options | {"timeout": timeout, "stream": True})
        self._answer = Future()
        threading.Thread(target=_settle, args=(self._answer, call), name="export", daemon=True).start()
        try:
            response = self._answer.result(timeout)
        except TimeoutError:
            raise RequestException(f"no answer within {timeout:.1f} s") from None
        if 300 <= response.status_code < 400:  # noqa: PLR2004  (what HTTP calls redirection)
            raise RequestException(f"redirected by {response.status_code}: see OTEL_EXPORTER_OTLP_ENDPOINT")
        return response


def _settle(answer: Future[Response], call: Callable[[], Response]) -> None:
    try:
        response = call()
        if response.headers.get("Content-Length") == "0":
            response.raw.release_conn()  # the next batch can have the connection
        else:
            response.close()
        answer.set_result(response)
    except Exception as error:  # noqa: BLE001  (who waits raises it)
        answer.set_exception(error)


class Collector(SpanExporter):
    """OpenTelemetry's exporter, which says when the collector goes and when it is back, not each batch in between."""

    def __init__(self, url: str) -> None:
        self._exporter = OTLPSpanExporter(url, session=_Session())
        self._is_away = False
        self._reason = ""
        logging.getLogger(_EXPORTER).addFilter(self._hear)
        logging.getLogger(_QUEUE).addFilter(self._is_news)

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._reason = ""
        result = self._exporter.export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            log.warning("the collector of traces is away, spans are lost", reason=self._reason[:300])
        if self._is_away and not is_away:
            log.warning("the collector of traces is back")
        self._is_away = is_away
        return result

    @override
    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library ships it so

    def close(self) -> None:
        """Listen to the SDK's loggers no more."""
        logging.getLogger(_EXPORTER).removeFilter(self._hear)
        logging.getLogger(_QUEUE).removeFilter(self._is_news)

    def _hear(self, record: logging.LogRecord) -> bool:
        """Keep the SDK's words for our own line: the first ones of an export say what was wrong."""
        self._reason = self._reason or record.getMessage()
        return False

    def _is_news(self, _: logging.LogRecord) -> bool:
        """While the collector is away it is none that its spans are lost."""
        return not self._is_away


def _resource(service: str) -> Resource:
    """What the environment says of this process wins."""
    ours = {SERVICE_NAME: service, SERVICE_VERSION: VERSION}
    return Resource.create(ours | dict(OTELResourceDetector().detect().attributes))
