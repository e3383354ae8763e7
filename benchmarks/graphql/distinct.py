"""Documents that nobody has sent before, one after the other: what each costs, and what stays of them in memory."""

from collections.abc import Sequence

import orjson

from benchmarks.graphql.data import Data
from benchmarks.graphql.documents import distinct
from benchmarks.graphql.figures import MOST_GROWTH, OURS
from benchmarks.graphql.load import Load
from benchmarks.graphql.options import Options
from benchmarks.graphql.peers import Peer
from benchmarks.graphql.places import FOLDER
from benchmarks.graphql.rounds import loaded, say
from benchmarks.graphql.table import table, verdict
from benchmarks.letters.measure import resident_megabytes
from schema.nodes import to_global_id

NAME = "distinct"
ABLE = ("postberry", "mercurius-full", "apollo")
DOCUMENTS = 10_000


def section(peers: Sequence[Peer], data: Data, options: Options) -> str:
    """What came of it, in words."""
    count, variables = options.many(DOCUMENTS), {"id": to_global_id("Product", data.products[0])}
    bodies = (orjson.dumps({"query": distinct(number), "variables": variables}) for number in range(count))
    (FOLDER / f"{NAME}.jsonl").write_bytes(b"\n".join(bodies))
    rows = [_row(peer, count) for peer in peers if peer.name in ABLE]
    return f"## {count:,} distinct documents\n\n{table(['', 'CPU µs of a document', 'memory grows by'], rows)}"


def _row(peer: Peer, count: int) -> list[str]:
    before = resident_megabytes(peer.pid)
    run = loaded(Load(peer.port, peer.pid, str(FOLDER / f"{NAME}.jsonl"), requests=count))
    growth = resident_megabytes(peer.pid) - before
    say(f"{NAME:14}{peer.name:16}{run.microseconds:8.0f} µs{growth:8.1f} MB")
    goal = MOST_GROWTH if peer.name == OURS else None
    told = verdict(goal, is_reached=growth <= MOST_GROWTH, unit=" MB")
    return [peer.title, f"{run.microseconds:,.0f}", f"{growth:.1f} MB{told}"]
