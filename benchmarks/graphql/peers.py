"""Who is measured, and how each is started: one process that serves, on a port of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.graphql.places import Places
from graphql_api.pages.node import find_node
from settings.config import Settings
from tests.support.application import running_api
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.worker import environment, logged

NODE = Path(__file__).parent / "node"


@dataclass(frozen=True)
class Peer:
    """One that runs: `pid` is the process that serves."""

    name: str
    title: str
    url: str
    pid: int

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0


Started = Iterator[tuple[str, int]]
"""The URL, and the process that serves."""


def _postberry(places: Places, *, name: str, keeps_answers: bool) -> Started:
    settings = _apart(places.settings, name).model_copy(update={"answer_cache_enabled": keeps_answers})
    with running_api(settings, python=places.python) as api:
        yield api.url, _serving(settings)


def _endpoint(places: Places) -> Started:
    settings = _apart(places.settings, "endpoint")
    port, log = free_port(), settings.log_dir.parent / "console.log"
    command: list[str | Path] = [places.python, "-m", "benchmarks.graphql.endpoint"]
    process = spawn(command, log, environment(settings) | {"PORT": str(port)})
    with Server(f"http://127.0.0.1:{port}", process).await_start(
        lambda: "api ready" in log.read_text() and accepts(port), log
    ) as server:
        yield server.url, _serving(settings)


def _apart(settings: Settings, name: str) -> Settings:
    """With logs of its own."""
    return settings.model_copy(update={"log_dir": settings.log_dir.parent / name / "logs"})


def _serving(settings: Settings) -> int:
    """The process that has told last that it is ready: the program itself only watches over it."""
    return next(int(str(line["pid"])) for line in reversed(logged(settings)) if line["event"] == "api ready")


def _strawberry(places: Places) -> Started:
    yield from _started([places.python, "-m", "benchmarks.graphql.usual"], places, "strawberry", os.environ)


def _node(places: Places, *, program: str, name: str, full: bool = True) -> Started:
    command: list[str | Path] = [*find_node().node, NODE / program / "main.mjs"]
    yield from _started(command, places, name, os.environ | {"NODE_ENV": "production"}, full=full)


def _started(
    command: list[str | Path], places: Places, name: str, environment: Mapping[str, str], **options: bool
) -> Started:
    """A program that is told in its first argument, as JSON, where everything is."""
    folder, port = places.settings.log_dir.parent / name, free_port()
    told = {"port": port, "mongodb": places.peers, "redis": places.settings.redis_url, **options}
    told |= {"secret": places.settings.signing_secret, "log": str(folder / "app.log")}
    process = spawn([*command, json.dumps(told)], folder / "console.log", environment)
    server = Server(f"http://127.0.0.1:{port}", process)
    with server.await_start(lambda: accepts(port), folder / "console.log"):
        yield server.url, server.pid


_Start = Callable[[Places], Started]


@dataclass(frozen=True)
class Known:
    """One that can be measured: what it is called, what it consists of, and how it is started."""

    title: str
    about: str
    start: _Start


KNOWN: Mapping[str, Known] = {
    "postberry": Known(
        "Postberry",
        "with everything on: ids, log, metrics, headers, tokens, limits, and budgets counted in Redis, which are wide "
        "enough here; but each answer is made anew, as the peers do it",
        partial(_postberry, name="postberry", keeps_answers=False),
    ),
    "postberry-kept": Known(
        "Postberry, answers kept",
        "the same as deployed: answers of public data to who is not signed in are kept in Redis until they change",
        partial(_postberry, name="postberry-kept", keeps_answers=True),
    ),
    "endpoint": Known(
        "hand-written endpoint",
        "its documents known by their text, the driver, orjson, behind Postberry's middleware and check of tokens; no "
        "GraphQL, no budgets",
        _endpoint,
    ),
    "mercurius-full": Known(
        "Mercurius, same features",
        "Fastify, JIT, loaders, the mongodb driver, BullMQ, @fastify/helmet, @fastify/rate-limit in Redis, "
        "@fastify/jwt, pino, prom-client, request ids, a limit of depth",
        partial(_node, program="mercurius", name="mercurius-full"),
    ),
    "mercurius-bare": Known(
        "Mercurius, bare",
        "the same program with tokens and jobs, and none of the others",
        partial(_node, program="mercurius", name="mercurius-bare", full=False),
    ),
    "apollo": Known(
        "Apollo Server + Mongoose",
        "Express, DataLoader, BullMQ, helmet, express-rate-limit in Redis, jsonwebtoken, pino-http, prom-client, "
        "request ids, graphql-depth-limit",
        partial(_node, program="apollo", name="apollo"),
    ),
    "strawberry": Known(
        "Strawberry as its docs show",
        "FastAPI, ODMantic, DataLoader, tokens by PyJWT, and nothing else",
        _strawberry,
    ),
}
"""By their names."""


@contextmanager
def running(name: str, places: Places) -> Iterator[Peer]:
    """The peer of this name, once it answers."""
    known = KNOWN[name]
    with contextmanager(known.start)(places) as (url, pid):
        yield Peer(name, known.title, url, pid)


def install() -> None:
    """Node's packages, as the lock says; `npm ci` would refuse one without the optional packages of other machines."""
    subprocess.run([*find_node().npm, "install", "--no-save"], cwd=NODE, check=True, stdout=sys.stderr)
