"""Word of orders that change, to many who wait for it: what a message costs, and how late it is."""

import json
import os
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.graphql.data import Data
from benchmarks.graphql.listeners import Audience, Heard
from benchmarks.graphql.options import Options
from benchmarks.graphql.peers import NODE, Peer
from benchmarks.graphql.places import FOLDER, Places
from benchmarks.graphql.programs import line_of, started
from benchmarks.graphql.rounds import say
from benchmarks.graphql.table import table
from graphql_api.pages.node import find_node
from schema.nodes import to_global_id
from tests.support.processes import Server, spawn

NAME = "subscriptions"
ABLE = ("postberry", "mercurius-full", "apollo")

LISTENERS, PER_SECOND = 1_000, 100
"""So many listen, each to an order of its own, of which so many change each second."""

SECONDS = 6.0


def section(peers: Sequence[Peer], data: Data, places: Places, options: Options) -> str:
    """What each cost, in words."""
    able = [peer for peer in peers if peer.name in ABLE]
    heard: dict[str, list[Heard]] = {peer.name: [] for peer in able}
    for _ in range(options.rounds):
        for peer in able:
            heard[peer.name].append(_round(peer, data, places, options))
    rows = [[peer.title, *_shown(heard[peer.name])] for peer in able]
    head = ["", "CPU µs of a message", "messages a second", "p50 ms", "p99 ms"]
    what = f"{options.many(LISTENERS):,} subscribers, each to an order of its own, {PER_SECOND} updates a second"
    return f"## Subscriptions: {what}\n\n{table(head, rows)}"


def _shown(rounds: Sequence[Heard]) -> list[str]:
    per_second = statistics.median(heard.messages / heard.seconds for heard in rounds)
    microseconds, p50, p99 = (
        statistics.median(getattr(heard, name) for heard in rounds) for name in ("microseconds", "p50", "p99")
    )
    return [f"{microseconds:,.0f}", f"{per_second:,.0f}", f"{p50:.1f}", f"{p99:.1f}"]


def _round(peer: Peer, data: Data, places: Places, options: Options) -> Heard:
    listeners = options.many(LISTENERS)
    orders = data.orders[:listeners]
    named, token = [to_global_id("Order", each) for each in orders], data.token("customer")
    audience = Audience(peer.port, peer.pid, token, named, listeners, SECONDS * options.scale)
    with started("listeners", asdict(audience)) as said:
        line_of(said)  # they are all there
        with _changing(peer, [str(each) for each in orders], places):
            heard = Heard(**json.loads(line_of(said)))
    say(f"{NAME:14}{peer.name:16}{heard.microseconds:8.0f} µs{heard.messages:8} messages{heard.p99:8.1f} ms")
    return heard


@contextmanager
def _changing(peer: Peer, orders: Sequence[str], places: Places) -> Iterator[None]:
    """Another process changes them meanwhile."""
    told: Mapping[str, Any] = {"orders": orders, "per_second": PER_SECOND, "peer": peer.name}
    with Server("the updates", spawn(_command(peer, told, places), FOLDER / "updates.log", os.environ)):
        yield


def _command(peer: Peer, told: Mapping[str, Any], places: Places) -> list[str | Path]:
    if peer.name == "postberry":
        ours = json.dumps({**told, "mongodb": places.settings.db_url})
        return [sys.executable, "-m", "benchmarks.graphql.updates", ours]
    theirs = json.dumps({**told, "mongodb": places.peers, "redis": places.settings.redis_url})
    return [*find_node().node, NODE / "updates.mjs", theirs]
