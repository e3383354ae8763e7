"""What a chaos run says at its end, and whether it went right."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schema.jobs.service import LEASE
from tasks.sweep import SWEEP_SECONDS
from tests.chaos.faults import Fault
from tests.chaos.oracle import Count, Letter, Seconds

RECOVERY = 60
"""Seconds within which orders go through again once a fault is healed."""

_PATIENCE = 60
"""How long a job that was taken over may be held up by the faults that come next, and wait for its next attempt."""

AFTERMATH = LEASE.total_seconds() + SWEEP_SECONDS + _PATIENCE
"""Until when after a fault the copy comes that it caused: the lease ends, a sweep finds the job, and it is done."""


@dataclass(frozen=True)
class Injected:
    """A fault, from when to when it lasted."""

    fault: Fault
    began: Seconds
    ended: Seconds


@dataclass(frozen=True)
class Run:
    """A run: its books, its faults, and what the customers and the workers told."""

    count: Count
    injected: list[Injected]
    finished_twice: int
    repeats: int
    settled: Seconds

    @property
    def stalled(self) -> list[Injected]:
        """Faults after which no order went through, though they were healed."""
        return [each for each in self.injected if self.count.recovery(each.ended) > RECOVERY]

    @property
    def unexplained(self) -> list[tuple[Letter, Letter]]:
        """Doubles between whose copies no worker was stopped."""
        causes = sorted((each for each in self.injected if each.fault.may_double), key=lambda each: each.ended)
        return [double for copies in self.count.letters.values() for double in _unexplained(copies, causes)]

    @property
    def is_right(self) -> bool:
        """Whether every promise was kept, none was kept twice without need, and each fault was recovered from."""
        count = self.count
        broken = count.missing or count.astray or count.done_twice or count.unasked
        return bool(count.promises) and not (broken or self.finished_twice or self.unexplained or self.stalled)


def _unexplained(copies: Sequence[Letter], causes: Sequence[Injected]) -> Iterator[tuple[Letter, Letter]]:
    """Each fault explains one further copy of a letter at most: that of the worker which took over."""
    left = list(causes)
    for double in pairwise(copies):
        if cause := next((each for each in left if _explains(each, *double)), None):
            left.remove(cause)
        else:
            yield double


def _explains(cause: Injected, before: Letter, again: Letter) -> bool:
    """Whether a worker was stopped after the copy before was accepted, and this one came of it."""
    return before.at <= cause.ended and cause.began <= again.at <= cause.ended + AFTERMATH


def lines(run: Run) -> list[str]:
    """The table."""
    faults = Counter(each.fault.name for each in run.injected)
    named = [_line(f"  {name}", times) for name, times in sorted(faults.items())]
    stalled = ", ".join(each.fault.name for each in run.stalled)
    recovered = _line(f"no order within {RECOVERY} s after them", len(run.stalled), stalled)
    verdict = "RIGHT" if run.is_right else "WRONG"
    return [*named, _line("faults injected", len(run.injected)), recovered, *_books(run), *_times(run), verdict]


def _books(run: Run) -> list[str]:
    count = run.count
    return [
        _line("keys asked", len(count.requests), f"{run.repeats:,} times again, without an answer so far"),
        _line("answers", len(count.answers), f"keys never answered: {len(count.unanswered):,}"),
        _line("keys with more than one job", len(count.done_twice)),
        _line("letters expected", len(count.promises), "distinct jobs of the answers"),
        _line("distinct letters received", len(count.promises) - len(count.missing)),
        _line("missing", len(count.missing)),
        _line("sent to somebody else", len(count.astray)),
        _line("not promised", len(count.unpromised), f"more than the keys never answered: {count.unasked:,}"),
        _line("doubles", len(count.doubles), f"by Message-ID; no stopped worker between: {len(run.unexplained):,}"),
        _line("jobs finished twice", run.finished_twice),
    ]


def _times(run: Run) -> list[str]:
    return [
        _line("longest silence of answers, seconds", round(run.count.silence, 1)),
        _line("slowest answer, seconds", round(run.count.slowest_answer, 1)),
        _line("slowest letter, seconds", round(run.count.slowest_letter, 1)),
        _line("last job after the traffic, seconds", round(run.settled, 1)),
    ]


def _line(name: str, figure: float, remark: str = "") -> str:
    return f"{name:<40}{figure:>9,}" + (f"   ({remark})" if remark else "")
