"""Writing how jobs went, those that end at the same time in one call."""

import asyncio
import time
from functools import partial

import structlog
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.jobs import outcomes
from schema.jobs.outcomes import Outcome
from tasks.batches import Batches

AGAIN_SECONDS = 0.5
"""How long an outcome waits before it is written again, when MongoDB could not take it."""

PATIENCE_SECONDS = 120.0
"""For how long it is written again and again: what was sent already must not be sent twice for a short outage."""

log = structlog.get_logger(__name__)


class Recorder:
    """Takes outcomes one by one, and writes together those that come while another call is under way."""

    def __init__(self, database: Database) -> None:
        self._batches = Batches(partial(outcomes.record, database))

    async def record(self, outcome: Outcome) -> bool:
        """Whether the outcome stands in the job's row. False: the claim is lost, or MongoDB was away for too long."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self._batches.ask(outcome)
            except PyMongoError as error:
                log.warning("the outcome of a job could not be written yet", error=repr(error)[:200])
                if time.monotonic() > end:
                    return False
                await asyncio.sleep(AGAIN_SECONDS)
