from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from graphql_api.watch import watching
from schema import indexes
from schema.database import Database
from schema.jobs.model import Job
from tests.support.jobs import owe, set_due
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


async def test_that_nobody_works_is_logged_once_and_so_is_its_end(database: Database) -> None:
    await indexes.create(database)
    job_id = await owe(database)
    await set_due(database, job_id, -60)
    with capture_logs() as logs:
        async with watching(database, seconds=0.01):
            await eventually(_has(lambda: len(logs) == 1), "A warning")
            await _looks(database, 5)
            await database.collection(Job).update_one({"_id": job_id}, {"$unset": {"due": ""}})
            await eventually(_has(lambda: len(logs) == 2), "Another one")
            await _looks(database, 5)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "jobs are due and no worker lives: start one"),
        ("warning", "jobs are being worked on again"),
    ]


def _has(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return condition()

    return ask


async def _looks(database: Database, number: int) -> None:
    """Return once the watch has looked so many times more."""
    raw = database.client[database.engine.database_name]
    before = (await raw.command("serverStatus"))["opcounters"]["query"]

    async def looked() -> bool:
        return bool((await raw.command("serverStatus"))["opcounters"]["query"] >= before + number)

    await eventually(looked, "Some looks")
