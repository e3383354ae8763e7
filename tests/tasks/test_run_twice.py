"""A job whose lease ended while the process that runs it lives on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.jobs.messages import Message
from schema.jobs.model import Job
from schema.jobs.service import Claim
from tasks.run import Runner
from tests.support.jobs import owe, reached, row, set_due
from tests.support.waiting import eventually
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio


async def test_who_runs_a_job_does_not_begin_it_again_when_its_lease_has_ended(database: Database) -> None:
    job_id, go_on = await owe(database), asyncio.Event()
    runner, other = runner_of(database, go_on.wait), runner_of(database, go_on.wait)
    assert await runner.take(job_id)
    await set_due(database, job_id)
    assert not await runner.take(job_id)
    await runner.take_due()
    assert runner.running == 1
    assert (await row(database, job_id))["attempt_count"] == 1
    await other.take_due()
    assert other.running == 1
    go_on.set()
    await asyncio.gather(runner.drain(10), other.drain(10))


@asynccontextmanager
async def _noting_nothing(database: Database) -> AsyncIterator[None]:
    """MongoDB takes no word of a success for so long."""
    raw: Any = database.client[database.engine.database_name]
    await raw.command("collMod", Job.__collection__, validator={"status": {"$ne": "SUCCEEDED"}})
    yield
    await raw.command("collMod", Job.__collection__, validator={})


async def test_what_was_done_and_could_not_be_noted_yet_is_not_done_again(database: Database) -> None:
    job_id, handled = await owe(database), list[None]()

    async def handle() -> None:
        handled.append(None)

    async def is_handled() -> bool:
        return bool(handled)

    runner = runner_of(database, handle)
    async with _noting_nothing(database):
        assert await runner.take(job_id)
        await eventually(is_handled, "A job that is done")
        await set_due(database, job_id)
        assert not await runner.take(job_id)
        await runner.take_due()
    await reached(database, job_id, "SUCCEEDED")
    await runner.drain(10)
    assert handled == [None]
    assert (await row(database, job_id))["attempt_count"] == 1


async def _take_twice(database: Database, runner: Runner) -> ObjectId:
    """Two claims are under way when the lease that one of them got ends."""
    before = runner.running
    while True:
        job_id = await owe(database)
        await asyncio.gather(runner.take(job_id), set_due(database, job_id), runner.take(job_id))
        if runner.running == before + 2:
            return job_id
        before = runner.running


async def test_of_two_claims_on_one_job_in_one_process_the_lost_one_is_stopped(database: Database) -> None:
    go_on, stopped = asyncio.Event(), list[tuple[ObjectId, int]]()

    async def handler(claim: Claim, _message: Message) -> None:
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            stopped.append((claim.id, claim.attempt))
            raise

    runner = Runner(database, handler, 1_000)
    async with asyncio.timeout(30):
        job_id = await _take_twice(database, runner)
    running = runner.running
    await runner.renew()
    await eventually(partial(_runs, runner, running - 1), "One claim less")
    assert stopped == [(job_id, 1)]
    go_on.set()
    await runner.drain(10)
    job = await row(database, job_id)
    assert (job["status"], [attempt.get("finished_at") is None for attempt in job["attempts"]]) == (
        "SUCCEEDED",
        [True, False],
    )


async def _runs(runner: Runner, number: int) -> bool:
    return runner.running == number
