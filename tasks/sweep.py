"""What the doorbell missed. Every worker process sweeps by itself, there is no leader."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import structlog
from pymongo.errors import PyMongoError

from schema.jobs.service import LEASE
from tasks.run import Runner

SWEEP_SECONDS = 1.0
RENEW_SECONDS = LEASE.total_seconds() / 3

log = structlog.get_logger(__name__)


async def sweep(runner: Runner) -> None:
    """Take what is due until nothing is."""
    while await runner.take_due():
        pass


async def repeat(work: Callable[[], Awaitable[None]], seconds: float, stop: asyncio.Event) -> None:
    """Do the work again and again until told to stop; never cut off in the middle, where a claim would be left over."""
    while not stop.is_set():
        try:
            await work()
        except PyMongoError as error:
            log.warning("mongodb is away, trying again", error=repr(error))
        except Exception:  # a fault of ours in one round must not end all the rounds to come
            log.exception("a round raised, trying again")
        pause = seconds * random.uniform(0.8, 1.2)  # noqa: S311  (spreads the workers, no secret)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
