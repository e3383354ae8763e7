"""How an API process ends: it says so first, takes what still comes for a while, and only then closes."""

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial
from types import FrameType

import structlog

from settings.parent import is_orphan

REPLACED = signal.SIGUSR1
"""Tells a process that another has taken its place: the program goes on, and `/ready` may be believed."""

log = structlog.get_logger(__name__)


class Ending:
    """Whether this process ends, and whether the whole program does. `has_started` is set once it serves."""

    def __init__(self) -> None:
        self.has_started = False
        self.has_begun = False
        self.is_of_program = False

    def take_over(self, grace: float) -> None:
        """From now on a signal begins the end, and the server hears of it `grace` seconds later.

        Call it in the event loop, once the server has handlers of its own. A second signal is for the parent to act on:
        a terminal or a supervisor may send the first one to every process, and the parent sends it once more. What has
        lost its parent closes at once: whoever starts the program anew needs the port.
        """
        loop, server = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
        close = partial(server, signal.SIGTERM, None) if callable(server) else loop.stop

        def hear(number: int, _: FrameType | None) -> None:
            if not self.has_started:
                os._exit(0)  # nothing was promised to anybody
            if not self.has_begun:
                self.has_begun, self.is_of_program = True, number != REPLACED
                loop.call_soon_threadsafe(_close_later, loop, grace, close, number)

        for number in (signal.SIGINT, signal.SIGTERM, REPLACED):
            signal.signal(number, hear)


def _close_later(loop: asyncio.AbstractEventLoop, grace: float, close: Callable[[], object], number: int) -> None:
    seconds = 0 if is_orphan() else grace
    log.info("api ending", signal=signal.Signals(number).name, closes_in=seconds)
    loop.call_later(seconds, close)
