"""How far a command is: a bar on a terminal, a line for each step elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text
from typing_extensions import override

_SILENCE = 10
"""Seconds between two lines of one step."""


class Step(Protocol):
    """One step, told how far it is."""

    def at(self, done: int, total: int, what: str = "") -> None:
        """So many are done of so many; `what` says more of what is going on."""


Steps = Callable[[str], AbstractContextManager[Step]]
"""Begins a step of this name, which ends with the block."""


@contextmanager
def shown(elsewhere: Steps | None = None) -> Iterator[Steps]:
    """Where the user sees the steps: on the terminal as bars, else as lines, or as `elsewhere` has it."""
    if not sys.stdout.isatty():
        yield elsewhere or lines
        return
    unbroken = Column(no_wrap=True)
    name, rest = TextColumn("{task.description:<28}", table_column=unbroken), TimeRemainingColumn(compact=True)
    with Progress(name, BarColumn(10), _Count(table_column=unbroken), _Rate(table_column=unbroken), rest) as progress:
        yield lambda name: _bar(progress, name)


@contextmanager
def _bar(progress: Progress, name: str) -> Iterator[Step]:
    yield _Bar(progress, name)


class _Bar:
    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self._task = progress.add_task(name, total=None)

    def at(self, done: int, total: int, what: str = "") -> None:
        name = f"{self._name}: {what}" if what else self._name
        self._progress.update(self._task, completed=done, total=total, description=name)


class _Count(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}/{task.total or 0:,.0f}".rjust(19))


class _Rate(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:>9,.0f}/s")


@contextmanager
def lines(name: str) -> Iterator[Step]:
    """A line at the end of the step, and one now and then while it lasts."""
    step = _Lines(name)
    yield step
    step.say()


@contextmanager
def silently(_: str) -> Iterator[Step]:
    """Of a step that tells of itself."""
    yield _Silence()


class _Silence:
    def at(self, done: int, total: int, what: str = "") -> None:
        pass


class _Lines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._what = ""
        self._done = self._total = 0
        self._began = self._spoke = time.monotonic()

    def at(self, done: int, total: int, what: str = "") -> None:
        self._done, self._total, self._what = done, total, what
        if time.monotonic() - self._spoke > _SILENCE:
            self.say()

    def say(self) -> None:
        self._spoke = time.monotonic()
        seconds = self._spoke - self._began
        name = f"{self._name}: {self._what}" if self._what else self._name
        rate = "" if self._what else f", {self._done / max(seconds, 0.001):,.0f} a second"  # phases have none
        sys.stdout.write(f"{name}: {self._done:,} of {self._total:,} in {seconds:.1f} s{rate}\n")
        sys.stdout.flush()
