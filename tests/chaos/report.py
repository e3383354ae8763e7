"""What a chaos run says at its end."""

from collections import Counter
from dataclasses import dataclass

from tests.chaos.faults import Fault
from tests.chaos.oracle import Count, Letter, Seconds


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
    def unexplained(self) -> list[tuple[Letter, Letter]]:
        """Doubles beside which no worker was stopped."""
        return [double for double in self.count.doubles if not any(_explains(each, *double) for each in self.injected)]

    @property
    def is_right(self) -> bool:
        """Whether every promise was kept, and none was kept twice without need."""
        return bool(self.count.promises) and not (
            self.count.missing or self.count.astray or self.finished_twice or self.unexplained
        )


def _explains(injected: Injected, first: Letter, again: Letter) -> bool:
    """Whether a worker was stopped after the first was accepted and before the second."""
    return injected.fault.may_double and first.at <= injected.ended and injected.began <= again.at


def lines(run: Run) -> list[str]:
    """The table."""
    faults = Counter(each.fault.name for each in run.injected)
    named = [_line(f"  {name}", times) for name, times in sorted(faults.items())]
    return [*named, _line("faults injected", len(run.injected)), *_books(run), "RIGHT" if run.is_right else "WRONG"]


def _books(run: Run) -> list[str]:
    count = run.count
    return [
        _line("requests acknowledged", len(count.promises), f"{run.repeats:,} were asked again, by the same key"),
        _line("letters expected", len(count.promises)),
        _line("distinct letters received", len(count.promises) - len(count.missing)),
        _line("missing", len(count.missing)),
        _line("sent to somebody else", len(count.astray)),
        _line("not promised: the answer was lost", len(count.letters.keys() - count.promises.keys())),
        _line(
            "doubles", len(count.doubles), f"by Message-ID; without a stopped worker beside: {len(run.unexplained):,}"
        ),
        _line("jobs finished twice", run.finished_twice),
        _line("slowest letter, seconds", round(count.slowest, 1)),
        _line("last letter after the traffic, seconds", round(run.settled, 1)),
    ]


def _line(name: str, figure: float, remark: str = "") -> str:
    return f"{name:<40}{figure:>9,}" + (f"   ({remark})" if remark else "")
