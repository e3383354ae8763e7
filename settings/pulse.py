"""The signs of life of one process, for `python -m settings.alive`."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from settings.alive import SUFFIX
from settings.sharing import VARIABLE

BEAT_SECONDS = 2.0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """While the block runs and the event loop turns, give signs of life; within `shared_metrics`, elsewhere nothing."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        yield
        return
    with (Path(folder) / f"{os.getpid()}{SUFFIX}").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # whoever dies lets go of it
        async with _touching(file.fileno()):
            yield


@asynccontextmanager
async def _touching(descriptor: int) -> AsyncIterator[None]:
    task = asyncio.create_task(_touch(descriptor), name="pulse")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _touch(descriptor: int) -> None:
    while True:
        os.utime(descriptor)
        await asyncio.sleep(BEAT_SECONDS)
