"""`make bench-start`: from the command until it is ready, and the memory of one process that has had work.

Both programs run from a virtual environment of their own that has what requirements.lock says and nothing else, as in
production: some libraries take more memory when they find others. Medians of the rounds, each with the programs anew.
"""

import os
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks import production
from benchmarks.letters.measure import Sink, api_megabytes, resident_megabytes, running_sink
from benchmarks.letters.postberry import settings_for
from settings.config import Settings
from tests.support import variables
from tests.support.application import SIGN_UP, ada, running_api
from tests.support.processes import Server
from tests.support.servers import start_mongodb, start_redis
from tests.support.worker import ready_pids, running_worker

ROUNDS = variables.whole(os.environ, "ROUNDS", 5)
SIGN_UPS, QUERIES = 50, 1_000
QUERY = "query Shop($n: Int!) { products(first: $n) { nodes { id name price { amount } } } }"
FOLDER = Path("var/bench/start")

MOST_SECONDS, MOST_API, MOST_WORKER = 3.0, 120.0, 110.0
"""From the command until the API is ready; megabytes of a process of each program."""

Round = tuple[float, float, float, float]
"""Seconds until the API was ready; its megabytes after queries and after sign-ups; the worker's after their letters."""


def main() -> int:
    """0 when all three are within their bounds."""
    python = production.python()
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
        redis = stack.enter_context(start_redis(FOLDER))
        sink = stack.enter_context(running_sink(FOLDER))
        settings = settings_for(FOLDER, mongodb.url.replace("/postberry?", f"/start_{os.getpid()}?"), redis.url, sink)
        rounds = [_round(settings, sink, python, number) for number in range(ROUNDS)]
    seconds, api, hashing, worker = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"api: ready after {seconds:.2f} s, {api:.0f} MB, {hashing:.0f} MB once it has hashed passwords")
    print(f"worker: {worker:.0f} MB")
    return int(seconds > MOST_SECONDS or api > MOST_API or worker > MOST_WORKER)


def _round(settings: Settings, sink: Sink, python: Path, number: int) -> Round:
    began = time.perf_counter()
    with running_api(settings, python=python) as api:
        seconds = time.perf_counter() - began
        with running_worker(settings, python):
            api_after_queries = _query(api)
            api_after_sign_ups = _sign_up(api, number)
            sink.wait(SIGN_UPS * (number + 1))
            return seconds, api_after_queries, api_after_sign_ups, resident_megabytes(ready_pids(settings)[-1])


def _query(api: Server) -> float:
    """Pages of the shop; the API's megabytes then."""
    with httpx.Client(base_url=api.url, timeout=30) as http:
        for each in range(QUERIES):
            _post(http, QUERY, {"n": 1 + each % 100})
    return api_megabytes(api.pid)


def _sign_up(api: Server, number: int) -> float:
    """Sign-ups, each with a letter; the API's megabytes then. Argon2 keeps for the next password what the last took."""
    with httpx.Client(base_url=api.url, timeout=30) as http:
        for each in range(SIGN_UPS):
            _post(http, SIGN_UP, {"input": ada(email=f"ada{number}-{each}@example.com")})
    return api_megabytes(api.pid)


def _post(http: httpx.Client, query: str, variables: dict[str, Any]) -> None:
    answer = http.post("/graphql", json={"query": query, "variables": variables}).raise_for_status().json()
    if "errors" in answer:
        raise RuntimeError(answer["errors"])


if __name__ == "__main__":
    sys.exit(main())
