"""Whether somebody works: the API says so in its log when jobs wait and no worker lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.system import service

LOOK_SECONDS = 5.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def watching(database: Database, seconds: float = LOOK_SECONDS) -> AsyncIterator[None]:
    """Look every so many seconds while the block runs; log when jobs begin to be neglected, and when it is over."""
    stop = asyncio.Event()
    task = asyncio.create_task(_watch(database, seconds, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _watch(database: Database, seconds: float, stop: asyncio.Event) -> None:
    neglected = False
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        neglected = await _look(database, was_neglected=neglected)


async def _look(database: Database, *, was_neglected: bool) -> bool:
    try:
        neglected = await service.is_neglected(database)
    except PyMongoError:  # every request says so, this need not
        return was_neglected
    if neglected and not was_neglected:
        log.warning("jobs are due and no worker lives: start one")
    if was_neglected and not neglected:
        log.warning("jobs are being worked on again")
    return neglected
