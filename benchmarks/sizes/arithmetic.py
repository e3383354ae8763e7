"""From what was measured to machines, memory and disks. It rounds nothing in anybody's favour."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from benchmarks.sizes.costs import Cost

RATES = (10, 1_000, 100_000)
BUSY = 0.6
"""How busy a core should be at the busiest time; the rest is for what is not even."""

AT_LEAST = 2
"""Processes of each program: one may be restarted."""

POOL = 100
"""Connections of one process to MongoDB, at most."""

DAY = 86_400
AVERAGE = 0.4
"""The average rate of a day, of that of its busiest time."""

MIX: Mapping[str, float] = {
    "list of products": 0.45,
    "product": 0.35,
    "me and my orders": 0.179,
    "orderPlace": 0.01,
    "tokenRefresh": 0.005,
    "userSignIn": 0.005,
    "userSignUp": 0.001,
}
"""Of a hundred requests: a shop in which many look and one buys."""

WRITES: Mapping[str, tuple[str, ...]] = {
    "orderPlace": ("orders", "jobs"),
    "tokenRefresh": ("refresh_tokens",),
    "userSignIn": ("sessions", "refresh_tokens"),
    "userSignUp": ("users", "jobs", "confirmations"),
}
"""The documents that each leaves."""

LETTERS = ("orderPlace", "userSignUp")
YEAR = 365
KEPT: Mapping[str, int] = {"jobs": 90, "sessions": 60, "refresh_tokens": 60, "confirmations": 2}
"""Days; all others a year, which is as far as this looks."""


@dataclass(frozen=True)
class Size:
    """Bytes of one document: as BSON, compressed on disk, and in each index."""

    bson: float
    disk: float
    indexes: Mapping[str, float]

    @property
    def index(self) -> float:
        """In all indexes."""
        return sum(self.indexes.values())


@dataclass(frozen=True)
class Machines:
    """What the busiest time takes."""

    rate: int
    mean: Cost
    letter: Cost

    @property
    def api_cores(self) -> float:
        """Which is also how many processes, rounded up."""
        return self.rate * self.mean.api / 1e6 / BUSY

    @property
    def letters(self) -> float:
        """A second."""
        return self.rate * sum(MIX[kind] for kind in LETTERS)

    @property
    def worker_cores(self) -> float:
        """The same of the worker."""
        return self.letters * self.letter.api / 1e6 / BUSY

    @property
    def mongodb_cores(self) -> float:
        """Of all of its nodes that are asked, for requests and letters."""
        return (self.rate * self.mean.mongodb + self.letters * self.letter.mongodb) / 1e6 / BUSY

    @property
    def commands(self) -> float:
        """A second."""
        return self.rate * self.mean.commands + self.letters * self.letter.commands

    @property
    def megabits(self) -> float:
        """To clients, a second."""
        return self.rate * self.mean.bytes_out * 8e-6

    @property
    def processes(self) -> tuple[int, int]:
        """Of the API and of the worker."""
        return max(AT_LEAST, ceil(self.api_cores)), max(AT_LEAST, ceil(self.worker_cores))

    @property
    def connections(self) -> int:
        """At most, and two of each process for watching MongoDB itself."""
        return sum(self.processes) * (POOL + 2)


def mean(costs: Mapping[str, Cost]) -> Cost:
    """Of a request of the mix."""
    return Cost(
        **{name: sum(MIX[kind] * getattr(costs[kind], name) for kind in MIX) for name in Cost.__dataclass_fields__}
    )


def a_day(rate: int) -> dict[str, float]:
    """New documents of each collection."""
    documents: dict[str, float] = {}
    for kind, written in WRITES.items():
        for name in written:
            documents[name] = documents.get(name, 0) + rate * AVERAGE * DAY * MIX[kind]
    return documents


def after_a_year(rate: int, sizes: Mapping[str, Size]) -> dict[str, tuple[float, float, float]]:
    """Of each collection: documents, bytes of data and of indexes on disk. In the archive ids alone are indexed."""
    daily, kept = a_day(rate), {}
    for name, count in daily.items():
        documents = count * KEPT.get(name, YEAR)
        kept[name] = (documents, documents * sizes[name].disk, documents * sizes[name].index)
    archived = daily["jobs"] * (YEAR - KEPT["jobs"])
    kept["jobs_archive"] = (archived, archived * sizes["jobs"].disk, archived * sizes["jobs"].indexes["_id_"])
    return kept
