"""The signs of life of one process, for `python -m settings.alive`."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from settings.alive import SUFFIX
from settings.background import in_background
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
        async with in_background(_touch(file.fileno()), "pulse"):
            yield


async def _touch(descriptor: int) -> None:
    while True:
        os.utime(descriptor)
        await asyncio.sleep(BEAT_SECONDS)
