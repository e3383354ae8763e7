import asyncio
from collections.abc import Awaitable, Callable

import pytest

from schema.database import Database
from schema.jobs import service
from schema.jobs.model import Job
from schema.times import utc_now
from tasks.sweep import sweep
from tests.support.jobs import owe, reached, row, set_due
from tests.support.waiting import eventually
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio


async def test_no_more_jobs_run_at_once_than_allowed(database: Database) -> None:
    for _ in range(10):
        await owe(database)
    slots, running, most = asyncio.Semaphore(0), 0, 0

    async def handle() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await slots.acquire()
        running -= 1

    async def three_run() -> bool:
        return running == 3

    runner = runner_of(database, handle, concurrency=3)
    sweeping = asyncio.create_task(sweep(runner))
    await eventually(three_run, "Three jobs that run")
    assert await database.collection(Job).count_documents({"status": "RUNNING"}) == 3
    for _ in range(10):
        slots.release()
    await sweeping
    await runner.drain(10)
    assert most == 3
    assert await database.collection(Job).count_documents({"status": "SUCCEEDED"}) == 10


async def test_a_drain_finishes_what_runs_and_takes_nothing_more(database: Database) -> None:
    job_id, left, go_on = await owe(database), await owe(database), asyncio.Event()
    runner = runner_of(database, go_on.wait, concurrency=1)
    assert await runner.take(job_id)
    waiting = asyncio.create_task(runner.take(left))
    draining = asyncio.create_task(runner.drain(10))
    await eventually(_is(runner.stopping.is_set), "The drain")
    go_on.set()
    await draining
    assert not await waiting
    assert not await runner.take(left)
    assert (await row(database, job_id))["status"] == "SUCCEEDED"
    assert (await row(database, left))["attempts"] == []


def _is(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return condition()

    return ask


async def test_a_drain_waits_for_a_claim_that_is_under_way(database: Database) -> None:
    job_id = await owe(database)
    runner = runner_of(database)
    taking = asyncio.create_task(runner.take(job_id))
    await asyncio.sleep(0)  # the claim has been sent, its answer is not here
    await runner.drain(10)
    assert taking.done()
    assert (await row(database, job_id))["status"] == "SUCCEEDED"


async def test_leases_are_renewed_while_their_jobs_run(database: Database) -> None:
    job_id, go_on = await owe(database), asyncio.Event()
    runner = runner_of(database, go_on.wait)
    await runner.renew()
    assert await runner.take(job_id)
    await set_due(database, job_id, 1)
    await runner.renew()
    assert (await row(database, job_id))["due"] > utc_now() + service.LEASE / 2
    go_on.set()
    await runner.drain(10)
    await runner.renew()
    assert "due" not in await row(database, job_id)


async def test_a_ring_that_waited_for_a_slot_leaves_the_job_to_the_sweep_when_that_has_a_backlog(
    database: Database,
) -> None:
    first, second, third = [await owe(database) for _ in range(3)]
    go_on = asyncio.Semaphore(0)
    runner = runner_of(database, go_on.acquire, concurrency=1)
    assert await runner.take(first)
    sweeping = asyncio.create_task(runner.take_due())
    await asyncio.sleep(0)  # it waits for the slot
    ringing = asyncio.create_task(runner.take(third))
    go_on.release()
    assert await sweeping  # it has taken the second: as many as there were slots for, so there may be more
    go_on.release()
    assert not await ringing
    assert (await reached(database, second, "SUCCEEDED"))["attempt_count"] == 1
    assert (await row(database, third))["attempt_count"] == 0
    await runner.drain(10)
