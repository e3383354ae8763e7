"""What tracing costs the API: `make bench-tracing`.

Two API processes on one MongoDB, of which one exports every span to a collector, are asked in turns over HTTP. Each
figure is the median of some rounds: CPU of the process that serves, exporting included, and the memory it holds then.
"""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.letters.measure import cpu_seconds, resident_megabytes
from settings import config
from settings.config import Settings
from tests.support.application import running_api
from tests.support.otlp import receiving
from tests.support.servers import start_mongodb, start_redis
from tests.support.worker import logged

FOLDER = Path("var/bench/tracing")
ROUNDS, REQUESTS = 7, 400
QUERIES = {
    "one field": "{ me { user { id } } }",
    "a list": "{ products(first: 20) { nodes { id name } } }",
    "five lists": "{"
    + " ".join(f"list{number}: products(first: 20) {{ nodes {{ id }} }}" for number in range(5))
    + "}",
}


@dataclass(frozen=True)
class Api:
    """One API, its process that serves, and a client."""

    pid: int
    http: httpx.Client

    def microseconds(self, query: str) -> float:
        """CPU of one request, from many."""
        before = cpu_seconds(self.pid)
        for _ in range(REQUESTS):
            answer = self.http.post("/graphql", json={"query": query}).json()
            if "errors" in answer:
                raise RuntimeError(answer["errors"])
        return (cpu_seconds(self.pid) - before) / REQUESTS * 1e6


def main() -> None:
    """A line for each query."""
    with ExitStack() as stack:
        off, on = _apis(stack)
        print(f"{'query':12}{'off µs':>8}{'on µs':>8}{'ratio':>7}")
        for name, query in QUERIES.items():
            _compare(name, query, off, on)
        print(f"memory: off {resident_megabytes(off.pid):.0f} MB, on {resident_megabytes(on.pid):.0f} MB")


def _compare(name: str, query: str, off: Api, on: Api) -> None:
    times = [(off.microseconds(query), on.microseconds(query)) for _ in range(ROUNDS)]
    without, traced = (statistics.median(each) for each in zip(*times, strict=True))
    print(f"{name:12}{without:8.0f}{traced:8.0f}{traced / without:7.2f}", flush=True)


def _apis(stack: ExitStack) -> tuple[Api, Api]:
    mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
    redis = stack.enter_context(start_redis(FOLDER))
    servers = {"db_url": mongodb.url, "redis_url": redis.url, "storage_url": f"file://{(FOLDER / 'storage').resolve()}"}
    settings = config.load().model_copy(update={"rate_limit_enabled": False} | servers)
    return _api(stack, settings, "off", ""), _api(stack, settings, "on", stack.enter_context(receiving()).url)


def _api(stack: ExitStack, settings: Settings, name: str, endpoint: str) -> Api:
    changes = {"log_dir": (FOLDER / name / "logs").resolve(), "otel_exporter_otlp_endpoint": endpoint}
    own = settings.model_copy(update=changes)
    api = stack.enter_context(running_api(own))
    pid = next(int(str(line["pid"])) for line in reversed(logged(own)) if line["event"] == "api ready")
    return Api(pid, stack.enter_context(httpx.Client(base_url=api.url, timeout=60)))


if __name__ == "__main__":
    main()
