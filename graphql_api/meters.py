"""What the API counts, and how often and how long. No label has a value that a client can choose."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_fastapi_instrumentator.metrics import Info
from prometheus_fastapi_instrumentator.middleware import PrometheusInstrumentatorMiddleware
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from graphql_api.caching.answers import OUTCOMES
from graphql_api.facts import NONE, OUR_FAULT, Facts, facts_of, folded_method
from settings.metrics import BUCKETS


class Meters:
    """Those of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._paths: set[str] = set()
        self._requests = Histogram(
            "postberry_http_request_seconds",
            "Time until the answer to a request began.",
            ["method", "handler", "status"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._fields = Histogram(
            "postberry_graphql_field_seconds",
            "Time of the requests that asked for a root field; of a subscription, until it was over.",
            ["operation", "field"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._errors = Counter(
            "postberry_graphql_errors", "Errors by root field and code.", ["field", "code"], registry=registry
        )
        self._refused = Counter(
            "postberry_graphql_refusals",
            "Values of an input that were refused, by mutation and code.",
            ["field", "code"],
            registry=registry,
        )
        self._faulty = Counter(
            "postberry_faulty_requests",
            "Requests that failed, in part or whole, by a fault of ours.",
            registry=registry,
        )
        self._missed = Counter(
            "postberry_doorbell_failures", "Jobs the workers could not be told of at once.", registry=registry
        )
        self._named = Counter(
            "postberry_persisted_documents",
            "Documents that clients named, by where they were found.",
            ["where"],
            registry=registry,
        )
        for where in ("file", "memory", "redis", "nowhere"):
            self._named.labels(where)
        self._answers = Counter(
            "postberry_public_answers",
            "Answers of public data to who shows nothing of themselves, by where they came from.",
            ["outcome"],
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._answers.labels(outcome)
        self.sockets = Gauge("postberry_websockets", "Open sockets.", registry=registry, multiprocess_mode="livesum")

    def middleware(self) -> Middleware:
        """prometheus-fastapi-instrumentator's, which says what to count here."""
        return Middleware(
            PrometheusInstrumentatorMiddleware,
            should_group_status_codes=False,
            instrumentations=[self._observe],
            registry=self.registry,
        )

    def know(self, routes: Iterable[BaseRoute]) -> None:
        """Show their paths as they are written, and all others as one: a client may ask for any."""
        self._paths.update(getattr(route, "path", NONE) for route in routes)

    def missed(self) -> None:
        """Count a ring that nobody heard."""
        self._missed.inc()

    def named(self, where: str) -> None:
        """Count a document that a client named: found in the file, in memory, in redis, or nowhere."""
        self._named.labels(where).inc()

    def kept(self, outcome: str) -> None:
        """Count an answer of public data, by where it came from."""
        self._answers.labels(outcome).inc()

    def answered(self, facts: Facts, seconds: float) -> None:
        """Count what one operation asked for, and what became of it."""
        for field in facts.fields:
            self._fields.labels(facts.operation, field).observe(seconds)
        for field, code in facts.errors:
            self._errors.labels(field, code).inc()
        for field, code in facts.refused:
            self._refused.labels(field, code).inc()
        if OUR_FAULT in facts.codes:
            self._faulty.inc()

    def _observe(self, info: Info) -> None:
        handler = info.modified_handler if info.modified_handler in self._paths else NONE
        seconds, method = info.modified_duration_without_streaming, folded_method(info.method)
        self._requests.labels(method, handler, info.modified_status).observe(seconds)
        self.answered(facts_of(info.request), seconds)
