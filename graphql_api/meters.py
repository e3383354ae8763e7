"""What the API counts, and how often and how long. No label has a value that a client can choose."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from graphql_api.caching.answers import OUTCOMES
from graphql_api.facts import NONE, OUR_FAULT, Facts, folded_method
from settings.metrics import BUCKETS


class Meters:
    """Those of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._routes: Sequence[BaseRoute] = ()
        self._paths: frozenset[str] = frozenset()
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
        # a label is looked up in a fifth of the time that the library takes
        self._request = lru_cache(maxsize=1_000)(self._requests.labels)
        self._field = lru_cache(maxsize=1_000)(self._fields.labels)
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
        self._by_graphql_core = Counter(
            "postberry_graphql_fallbacks",
            "Operations that graphql-core executed and no compiled plan, by why.",
            ["reason"],
            registry=registry,
        )
        for reason in ("subscription", "setting"):
            self._by_graphql_core.labels(reason)
        self._answers = Counter(
            "postberry_public_answers",
            "Answers of public data to who shows nothing of themselves, by where they came from.",
            ["outcome"],
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._answers.labels(outcome)
        self.sockets = Gauge("postberry_websockets", "Open sockets.", registry=registry, multiprocess_mode="livesum")

    def know(self, routes: Iterable[BaseRoute]) -> None:
        """Show their paths as they are written, and all others as one: a client may ask for any."""
        self._routes = list(routes)
        self._paths = frozenset(getattr(route, "path", NONE) for route in self._routes)

    def missed(self) -> None:
        """Count a ring that nobody heard."""
        self._missed.inc()

    def named(self, where: str) -> None:
        """Count a document that a client named: found in the file, in memory, in redis, or nowhere."""
        self._named.labels(where).inc()

    def fell_back(self, reason: str) -> None:
        """Count an operation that graphql-core executes: a subscription, or any by setting."""
        self._by_graphql_core.labels(reason).inc()

    def kept(self, outcome: str) -> None:
        """Count an answer of public data, by where it came from."""
        self._answers.labels(outcome).inc()

    def requested(self, scope: Scope) -> None:
        """Count a request whose answer is out, with 500 if there was none."""
        facts: Facts = scope["state"]["facts"]
        path = scope["path"]
        handler = path if path in self._paths else self._written(scope)
        self._request(folded_method(scope["method"]), handler, facts.status or 500).observe(facts.waited)
        self.answered(facts, facts.waited)

    def answered(self, facts: Facts, seconds: float) -> None:
        """Count what one operation asked for, and what became of it."""
        for field in facts.fields:
            self._field(facts.operation, field).observe(seconds)
        for field, code in facts.errors:
            self._errors.labels(field, code).inc()
        for field, code in facts.refused:
            self._refused.labels(field, code).inc()
        if OUR_FAULT in facts.codes:
            self._faulty.inc()

    def _written(self, scope: Scope) -> str:
        """The path of the route that answers, with the names of its parameters for their values."""
        matching = (route for route in self._routes if route.matches(scope)[0] is not Match.NONE)
        return getattr(next(matching, None), "path", NONE)
