"""Runners whose handling of a job is the test's."""

from collections.abc import Awaitable, Callable

from schema.database import Database
from schema.jobs.messages import Email
from schema.jobs.service import Claim
from tasks.run import Runner


async def _nothing() -> None:
    pass


def runner_of(database: Database, handle: Callable[[], Awaitable[object]] = _nothing, concurrency: int = 10) -> Runner:
    """A runner that does this for each job."""

    async def handler(_claim: Claim, _message: Email) -> None:
        await handle()

    return Runner(database, handler, concurrency)
