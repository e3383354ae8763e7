"""How far a command is: a bar on a terminal, a line for each step elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol

from rich.console import Console
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
    with bars() as progress:
        yield partial(bar, progress)


def bars(console: Console | None = None, clock: Callable[[], float] | None = None) -> Progress:
    """A row for each step: its name, a bar, how many are done, how many a second, and how long the rest takes."""
    unbroken = Column(no_wrap=True)
    name, rest = TextColumn("{task.description:<28}", table_column=unbroken), TimeRemainingColumn(compact=True)
    columns = (name, BarColumn(10), _Count(table_column=unbroken), _Rate(table_column=unbroken), rest)
    return Progress(*columns, console=console, get_time=clock)


@contextmanager
def bar(progress: Progress, name: str) -> Iterator[Step]:
    """The row of one step, whose time ends with it."""
    step = _Bar(progress, name)
    yield step
    step.end()


class _Bar:
    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self._task = progress.add_task(name, total=None)

    def at(self, done: int, total: int, what: str = "") -> None:
        name = f"{self._name}: {what}" if what else self._name
        self._progress.update(self._task, completed=done, total=total, description=name)

    def end(self) -> None:
        self._progress.stop_task(self._task)


class _Count(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}/{task.total or 0:,.0f}".rjust(19))


class _Rate(ProgressColumn):
    """In all the time of the step: Rich's own is that of the last moments, and none where all came at once."""

    @override
    def render(self, task: Task) -> Text:
        return Text(f"{_per_second(task.completed, task.elapsed or 0):>9}/s")


def _per_second(done: float, seconds: float) -> str:
    return f"{done / max(seconds, 0.001):,.0f}"


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
        rate = "" if self._what else f", {_per_second(self._done, seconds)} a second"  # phases have none
        sys.stdout.write(f"{name}: {self._done:,} of {self._total:,} in {seconds:.1f} s{rate}\n")
        sys.stdout.flush()
