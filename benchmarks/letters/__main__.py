"""`make bench-letters`: one worker process of Postberry and one of Node, in turns on the same servers.

Every figure is a median. A round owes all letters first, then starts the worker, and counts from the letter that ends
the warm-up to the last.
"""

import os
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from benchmarks.letters import peer, postberry
from benchmarks.letters.cases import CASES, Case
from benchmarks.letters.measure import Figures, running_sink
from benchmarks.letters.peer import Peer
from tests.support import variables
from tests.support.servers import start_mongodb, start_redis

FOLDER = Path("var/bench/letters")
ROUNDS = variables.whole(os.environ, "ROUNDS", 5)
COUNT = variables.whole(os.environ, "LETTERS", 5000, least=5)
WARM = COUNT // 5
CONCURRENCY, CONNECTIONS = 50, 10
MOST_CPU, LEAST_RATE = 0.8, 1.0


@dataclass(frozen=True)
class Servers:
    """Where both find theirs."""

    mongodb: str
    redis: str


def main() -> int:
    """0 when Postberry is as quick as Node, for no more than four fifths of its CPU."""
    peer.install()
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
        redis = stack.enter_context(start_redis(FOLDER))
        servers = Servers(mongodb.url, redis.url)
        print(f"{'letter':10}{'':12}{'letters/s':>10}{'CPU us':>8}   ({ROUNDS} rounds of {COUNT:,})")
        return max(_compare(CASES[name], servers) for name in sys.argv[1:] or CASES)


def _compare(case: Case, servers: Servers) -> int:
    ours, theirs = [], []
    for number in range(ROUNDS):
        ours.append(_postberry(case, servers, number))
        theirs.append(_node(case, servers, number))
        print(f"{'':10}round {number + 1}: {_short(ours[-1])} against {_short(theirs[-1])}", flush=True)
    rate, cpu = (_median(ours, name) / _median(theirs, name) for name in ("per_second", "microseconds"))
    for name, runs in (("Postberry", ours), ("Node", theirs)):
        print(f"{case.name:10}{name:12}{_median(runs, 'per_second'):10.0f}{_median(runs, 'microseconds'):8.0f}")
    print(f"{case.name:10}{'ratio':12}{rate:10.2f}{cpu:8.2f}", flush=True)
    return int(rate < LEAST_RATE or cpu > MOST_CPU)


def _postberry(case: Case, servers: Servers, number: int) -> Figures:
    folder = FOLDER / f"postberry-{case.name}-{number}"
    with running_sink(FOLDER) as sink:
        settings = postberry.settings_for(folder, _database(servers, f"ours_{case.name}_{number}"), servers.redis, sink)
        return postberry.run(settings, sink, case, WARM, COUNT)


def _node(case: Case, servers: Servers, number: int) -> Figures:
    with running_sink(FOLDER) as sink, Redis.from_url(servers.redis) as redis:
        redis.flushall()
        told = Peer(
            mongodb=_database(servers, f"theirs_{case.name}_{number}"),
            redis=servers.redis,
            smtp=sink.port,
            templates=str((FOLDER / case.name).resolve()),
            letter=case.name,
            count=COUNT,
            concurrency=CONCURRENCY,
            connections=CONNECTIONS,
        )
        return peer.run(told, FOLDER, sink, case, WARM)


def _database(servers: Servers, name: str) -> str:
    return servers.mongodb.replace("/postberry?", f"/{name}_{os.getpid()}?")


def _median(runs: list[Figures], name: str) -> float:
    return float(statistics.median(getattr(figures, name) for figures in runs))


def _short(figures: Figures) -> str:
    return f"{figures.per_second:.0f}/s {figures.microseconds:.0f} us"


if __name__ == "__main__":
    sys.exit(main())
