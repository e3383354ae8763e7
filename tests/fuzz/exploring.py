"""Documents one after the other, until two answers differ."""

import asyncio
import gc
import logging
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from settings.config import Settings
from tests.fuzz import shop
from tests.fuzz.documents import Family, Request
from tests.fuzz.equality import DifferenceError, Subject, compared
from tests.fuzz.tally import Tally
from tests.fuzz.torture import TortureSubject

SUBJECTS = ("torture", "shop")
FAMILIES = 250
"""How many documents are made from nothing in one go; each becomes several."""


class Explorable(Subject, Protocol):
    """One for which documents can be made."""

    def families(self) -> st.SearchStrategy[Family]:
        """Of documents."""


def be_quiet() -> None:
    """Neither log what is refused, nor tell of what graphql-core leaves behind where an error came first."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)


@contextmanager
def collected_here() -> Iterator[None]:
    """Within it garbage is collected when it is asked for, by `gc.collect`, and in time that does not grow.

    What graphql-core leaves behind is told of when it is collected, and where that happens within a named tuple's own
    code, which has nothing to import, no filter of warnings is heard.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.enable()
        gc.unfreeze()


def explored(name: str, stage: Settings, number: int) -> Tally:
    """What the documents of this number, which seeds the dice, came to. `stage` leads to the shop's servers."""
    with asyncio.Runner() as runner, _opened(name, stage, runner) as subject, collected_here():
        return _explored(subject, runner, number)


def _opened(name: str, stage: Settings, runner: asyncio.Runner) -> AbstractContextManager[Explorable]:
    return shop.opened(stage, runner) if name == "shop" else _torture()


@contextmanager
def _torture() -> Iterator[TortureSubject]:
    yield TortureSubject()


def _explored(subject: Explorable, runner: asyncio.Runner, number: int) -> Tally:
    tally, tried = Tally(), set[str]()

    @seed(number)
    @settings(
        max_examples=FAMILIES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(subject.families())
    def explore(family: Family) -> None:
        for request in family.requests():
            if tally.difference is None and request.text not in tried and request.is_valid(subject.schema):
                _compare(subject, runner, request, tally)
            tried.add(request.text)
        gc.collect()

    explore()
    return tally


def _compare(subject: Explorable, runner: asyncio.Runner, request: Request, tally: Tally) -> None:
    tally.see(request)
    try:
        tally.count(runner.run(compared(subject, request)))
    except DifferenceError as error:
        tally.difference = str(error)
