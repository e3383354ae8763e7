"""Waiting for a condition with a deadline, in place of sleeping for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE = 0.02


def until(condition: Callable[[], object], what: str, deadline: float = 30) -> None:
    """Return once `condition()` is true.

    Raises:
        TimeoutError: after `deadline` seconds, saying that `what` did not come.
    """
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {deadline:g} s")
        time.sleep(_PAUSE)


async def eventually(condition: Callable[[], Awaitable[object]], what: str, deadline: float = 30) -> None:
    """`until` for a condition that is awaited."""
    end = time.monotonic() + deadline
    while not await condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {deadline:g} s")
        await asyncio.sleep(_PAUSE)
