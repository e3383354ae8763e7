"""Figures of several rounds, and how they compare."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.graphql.load import Run

OURS, DEPLOYED = "postberry", "postberry-kept"
"""Each answer made anew, as its peers do it; and with answers of public data kept, as it comes."""


@dataclass(frozen=True)
class Figures:
    """Medians: microseconds of CPU for a request, requests a second, milliseconds."""

    microseconds: float
    per_second: float
    p50: float
    p99: float

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Self:
        """Of some rounds."""
        return cls(*(_median(getattr(run, name) for run in runs) for name in cls.__match_args__))


def _median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


Compared = Mapping[str, Mapping[str, Figures]]
"""By the names of case and peer."""

GOALS: Mapping[str, Mapping[str, float]] = {
    "typename": {"mercurius-full": 1.2, "apollo": 0.4, "endpoint": 1.3, "strawberry": 0.12},
    "byid": {"mercurius-full": 1.0, "apollo": 0.5, "endpoint": 1.3, "strawberry": 0.12},
    "products": {"mercurius-full": 0.7, "apollo": 0.25, "endpoint": 1.3, "strawberry": 0.08},
    "orders": {"mercurius-full": 0.7, "apollo": 0.25, "endpoint": 1.4, "strawberry": 0.08},
    "place": {"mercurius-full": 1.0, "apollo": 0.8, "strawberry": 0.5},
}
"""The most that ours may cost, as a share of what it costs the peer."""

MOST_MEGABYTES, MOST_GROWTH = 120.0, 20.0
"""Of our process after everything, and through documents that are all new."""


@dataclass(frozen=True)
class Ratio:
    """Our CPU as a share of a peer's, and what it should be at most."""

    value: float
    goal: float | None

    @property
    def is_reached(self) -> bool:
        """As it is shown: to two decimals."""
        return self.goal is None or round(self.value, 2) <= self.goal


def ratio(compared: Compared, case: str, peer: str, ours: str = OURS) -> Ratio | None:
    """None where one of the two was not measured."""
    figures = compared.get(case, {})
    if ours not in figures or peer not in figures:
        return None
    goal = GOALS.get(case, {}).get(peer)
    return Ratio(figures[ours].microseconds / figures[peer].microseconds, goal)
