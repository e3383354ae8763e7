"""Writing how jobs went, those that end at the same time in one call."""

import asyncio
import time

import structlog
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.jobs import outcomes
from schema.jobs.outcomes import Outcome

MOST_AT_ONCE = 500
"""Outcomes in one call."""

AGAIN_SECONDS = 0.5
"""How long an outcome waits before it is written again, when MongoDB could not take it."""

PATIENCE_SECONDS = 120.0
"""For how long it is written again and again: what was sent already must not be sent twice for a short outage."""

log = structlog.get_logger(__name__)


class Recorder:
    """Takes outcomes one by one. While a call is under way others gather, and go out together with the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Outcome, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> bool:
        """Whether the outcome stands in the job's row. False: the claim is lost, or MongoDB was away for too long."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self._written(outcome)
            except PyMongoError as error:
                log.warning("the outcome of a job could not be written yet", error=repr(error)[:200])
                if time.monotonic() > end:
                    return False
                await asyncio.sleep(AGAIN_SECONDS)

    async def _written(self, outcome: Outcome) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._write_batch(batch)
        self._writing = None

    async def _write_batch(self, batch: list[tuple[Outcome, asyncio.Future[bool]]]) -> None:
        futures = [future for _, future in batch]
        try:
            recorded = await outcomes.record(self._database, [outcome for outcome, _ in batch])
        except Exception as error:  # noqa: BLE001  (whoever waits gets it)
            for future in futures:
                if not future.done():  # who waited may have been cut off
                    future.set_exception(error)
        else:
            for future, stands in zip(futures, recorded, strict=True):
                if not future.done():
                    future.set_result(stands)
