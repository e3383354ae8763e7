"""Documents in parts, by several processes at once."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import count
from multiprocessing import get_context

from settings.config import Settings
from tests.fuzz.exploring import be_quiet, explored
from tests.fuzz.tally import Tally
from tests.support.processes import die_with_parent

_PROCESSES = 2
_MOST = 1_000
"""More parts than one seed ever needs."""


def parts(name: str, stage: Settings, seed: int, is_enough: Callable[[], bool]) -> Iterator[Tally]:
    """What each part came to, as it is there, until `is_enough`; what was begun by then comes as well."""
    numbers = count(seed * _MOST)
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn"), _begin) as pool:
        running = {pool.submit(explored, name, stage, next(numbers)) for _ in range(_PROCESSES)}
        while running:
            done = next(as_completed(running))
            running.remove(done)
            yield done.result()
            if not is_enough():
                running.add(pool.submit(explored, name, stage, next(numbers)))


def _begin() -> None:
    """End when the parent does, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(signal.SIGKILL)
    be_quiet()
