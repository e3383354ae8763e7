"""All figures of one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.graphql.figures import Compared


@dataclass(frozen=True)
class Results:
    """What goes into the table and the plot."""

    when: str
    machine: str
    versions: Sequence[str]
    rounds: int
    seconds: float
    """Of one run of one peer."""

    cases: Mapping[str, str]
    """The titles of those that were measured, by name."""

    peers: Mapping[str, str]
    """Their titles, by name."""

    about: Mapping[str, str]
    """What each of them consists of, by name."""

    compared: Compared
    megabytes: Mapping[str, Mapping[str, float]]
    """Of each process, by when that was; last, once all of it was done."""

    sections: Sequence[str] = ()
    """What was measured beside the requests, as it is written."""
