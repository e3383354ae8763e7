"""Very many requests to us alone: whether memory stays where it is."""

from collections.abc import Sequence

from benchmarks.graphql.cases import cases
from benchmarks.graphql.data import Data
from benchmarks.graphql.figures import OURS
from benchmarks.graphql.load import Load
from benchmarks.graphql.peers import Peer
from benchmarks.graphql.places import FOLDER
from benchmarks.graphql.rounds import loaded, say
from benchmarks.graphql.table import table
from benchmarks.letters.measure import resident_megabytes

TENTHS = 10
CASES = ("typename", "byid")
"""In equal parts."""


def section(peers: Sequence[Peer], data: Data, requests: int) -> str:
    """The memory at the beginning and after each tenth, in words."""
    for name in CASES:
        cases(data)[name].write(FOLDER)
    ours = next(peer for peer in peers if peer.name == OURS)
    megabytes = [resident_megabytes(ours.pid), *(_after_a_tenth(ours, requests) for _ in range(TENTHS))]
    head = ["requests", *(f"{requests * tenth // TENTHS:,}" for tenth in range(TENTHS + 1))]
    rows = [["MB", *(f"{each:.1f}" for each in megabytes)]]
    what = "half of them `{ __typename }`, half a product by id"
    return f"## Memory over {requests:,} requests\n\nTo Postberry, {what}.\n\n{table(head, rows)}"


def _after_a_tenth(ours: Peer, requests: int) -> float:
    for case in CASES:
        bodies = str(FOLDER / f"{case}.jsonl")
        loaded(Load(ours.port, ours.pid, bodies, requests=requests // TENTHS // len(CASES)))
    megabytes = resident_megabytes(ours.pid)
    say(f"{'endurance':14}{requests // TENTHS:8,} requests more: {megabytes:8.1f} MB")
    return megabytes
