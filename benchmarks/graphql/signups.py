"""From a sign-up to its letter at the mail server: how many a second, and what each costs the API."""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pymongo import MongoClient

from benchmarks.graphql.answers import ask, require_same
from benchmarks.graphql.cases import Case
from benchmarks.graphql.documents import SIGN_UP
from benchmarks.graphql.load import Load
from benchmarks.graphql.options import Options
from benchmarks.graphql.peers import Peer
from benchmarks.graphql.places import FOLDER, Places
from benchmarks.graphql.rounds import loaded, say
from benchmarks.graphql.table import table
from benchmarks.letters import peer as letters
from benchmarks.letters.cases import CASES, write_handlebars
from graphql_api.pages.node import find_node
from schema.engine import Document
from tests.support.processes import Server, spawn
from tests.support.worker import running_worker

NAME = "signup"
ABLE = ("postberry", "mercurius-full", "apollo")
COUNT, CONNECTIONS = 200, 16
ANSWERED = {"userSignUp": {"job": {"status": "QUEUED"}, "userErrors": []}}


@dataclass(frozen=True)
class Round:
    """Letters a second, and CPU microseconds of the API for each."""

    per_second: float
    microseconds: float


def section(peers: Sequence[Peer], places: Places, options: Options) -> str:
    """What each did, in words."""
    able = [peer for peer in peers if peer.name in ABLE]
    letters.install()
    rounds = [[_round(peer, places, options, number) for peer in able] for number in range(options.rounds)]
    rows = [[peer.title, *_shown(each)] for peer, each in zip(able, zip(*rounds, strict=True), strict=True)]
    head = ["", "sign-ups a second, to the letter", "CPU µs of the API for each"]
    what = "Argon2id with 19 MiB and 2 passes everywhere; a worker process of each one's own sends the letters."
    return f"## `userSignUp` to the letter\n\n{what}\n\n{table(head, rows)}"


def _shown(rounds: Sequence[Round]) -> list[str]:
    medians = (statistics.median(getattr(each, name) for each in rounds) for name in ("per_second", "microseconds"))
    return [f"{median:,.0f}" for median in medians]


def _round(peer: Peer, places: Places, options: Options, number: int) -> Round:
    count = options.many(COUNT)
    people = tuple({"input": _person(f"{peer.name}-{number}-{each}")} for each in range(count + 1))
    first = Case(NAME, "", SIGN_UP, people[:1], volatile=frozenset({"id"}))
    bodies = Case(NAME, "", SIGN_UP, people[1:]).write(FOLDER)
    with _worker(peer, places):
        sent = places.sink.count()
        require_same(peer.name, ask(peer.url, first, None), ANSWERED)
        places.sink.wait(sent + 1)
        return _timed(peer, places, Load(peer.port, peer.pid, str(bodies), requests=count, connections=CONNECTIONS))


def _timed(peer: Peer, places: Places, load: Load) -> Round:
    sent, began = places.sink.count(), time.perf_counter()
    run = loaded(load)
    places.sink.wait(sent + load.requests)
    per_second = load.requests / (time.perf_counter() - began)
    say(f"{NAME:14}{peer.name:16}{run.microseconds:8.0f} µs{per_second:8.0f}/s")
    return Round(per_second, run.microseconds)


def _person(name: str) -> dict[str, str]:
    return {"email": f"{name}-{os.getpid()}@example.com", "password": "correct horse", "name": "Ada"}


def _worker(peer: Peer, places: Places) -> AbstractContextManager[Server]:
    return _ours(places) if peer.name == "postberry" else _theirs(places)


@contextmanager
def _ours(places: Places) -> Iterator[Server]:
    """The worker program, once nobody owes anything from before."""
    with MongoClient[Document](places.settings.db_url) as client:
        client.get_default_database().jobs.delete_many({})
    with running_worker(places.settings, places.python) as worker:
        yield worker


@contextmanager
def _theirs(places: Places) -> Iterator[Server]:
    """The worker of the benchmark of letters."""
    templates = (FOLDER / "templates").resolve()
    write_handlebars(CASES["welcome"], templates)
    told = letters.Peer(places.peers, places.settings.redis_url, places.sink.port, str(templates), "welcome", 0, 50, 10)
    command: list[str | Path] = [*find_node().node, letters.FOLDER / "worker.mjs", json.dumps(asdict(told))]
    environment = os.environ | {"NODE_ENV": "production"}
    with Server("the worker of Node", spawn(command, FOLDER / "node-worker.log", environment)) as server:
        yield server
