"""Many jobs that wait when workers start."""

import asyncio
import uuid
from collections import Counter
from contextlib import aclosing

import pytest
from odmantic import ObjectId

from schema.database import Database, Transaction
from schema.jobs import service
from schema.jobs.messages import Message
from schema.jobs.model import Job
from schema.jobs.service import Claim
from settings.config import Settings
from tasks.broker import RUN_JOB, Bell, Doorbell
from tasks.run import Runner
from tasks.sweep import sweep
from tests.support.jobs import ANNOUNCED, WELCOME, owe
from tests.support.profiler import watched
from tests.support.waiting import eventually
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio


async def _backlog(database: Database, number: int, message: Message = WELCOME) -> list[ObjectId]:
    async def work(transaction: Transaction) -> int:
        messages = {uuid.uuid4().hex: message for _ in range(number)}
        return await service.owe_many_once(transaction, "request-1", messages)

    await database.in_transaction(work)
    return [job["_id"] async for job in database.collection(Job).find({}, {"_id": 1})]


async def test_a_backlog_is_run_once_by_workers_that_sweep_and_hear_rings_at_the_same_time(
    database: Database, settings: Settings
) -> None:
    owed, handled = await _backlog(database, 1_000), Counter[ObjectId]()
    doorbell = Doorbell(settings.redis_url)
    bell = Bell(doorbell)
    for job_id in owed[:100]:
        bell.ring(job_id)
    await bell.close()

    async def handler(claim: Claim, _message: Message) -> None:
        handled[claim.id] += 1

    runners = [Runner(database, handler, 20) for _ in range(3)]
    listening = asyncio.create_task(_listen(doorbell, runners[0]))
    await asyncio.gather(*(sweep(runner) for runner in runners))

    async def all_done() -> bool:
        return await database.collection(Job).count_documents({"status": "SUCCEEDED"}) == len(owed)

    await eventually(all_done, "A backlog that is done", 30)
    listening.cancel()
    assert (await asyncio.wait([listening], timeout=10))[0]
    for runner in runners:
        await runner.drain(10)
    await doorbell.shutdown()
    assert handled == Counter(owed)
    assert await database.collection(Job).count_documents({"attempt_count": 1}) == len(owed)


async def _listen(doorbell: Doorbell, runner: Runner) -> None:
    async with aclosing(doorbell.listen()) as rings:
        async for ring in rings:
            message = doorbell.formatter.loads(ring)
            assert message.task_name == RUN_JOB
            await runner.take(ObjectId(message.args[0]))


async def test_a_backlog_costs_a_few_calls_for_many_jobs(database: Database) -> None:
    await _backlog(database, 300)
    runner = runner_of(database, concurrency=100)
    async with watched(database.client[database.engine.database_name]) as calls:
        await sweep(runner)
        await runner.drain(10)
    assert await database.collection(Job).count_documents({"status": "SUCCEEDED"}) == 300
    asked = [call for call in calls if call.collection == "jobs" and call.name in {"find", "findAndModify"}]
    assert len(asked) <= 30
    assert "findAndModify" not in {call.name for call in asked}


async def test_while_there_is_a_backlog_who_rings_is_not_heard(database: Database) -> None:
    owed, go_on = await _backlog(database, 30), asyncio.Event()
    runner = runner_of(database, go_on.wait, concurrency=10)
    assert await runner.take_due()
    waiting = await database.collection(Job).find_one({"status": "QUEUED"})
    assert waiting is not None
    assert not await runner.take(waiting["_id"])
    go_on.set()
    await sweep(runner)
    await runner.drain(10)
    assert await database.collection(Job).count_documents({"status": "SUCCEEDED"}) == len(owed)


async def test_what_is_owed_while_a_backlog_ends_is_heard_again(database: Database) -> None:
    await _backlog(database, 15)
    runner = runner_of(database, concurrency=10)
    await sweep(runner)
    assert await runner.take(await owe(database))
    await runner.drain(10)


async def test_a_letter_somebody_waits_for_overtakes_a_backlog_of_bulk(database: Database) -> None:
    await _backlog(database, 200, ANNOUNCED)
    handled, go_on = list[ObjectId](), asyncio.Event()

    async def handler(claim: Claim, _message: Message) -> None:
        await go_on.wait()
        handled.append(claim.id)

    runner = Runner(database, handler, concurrency=10)
    assert await runner.take_due()
    waited_for = await owe(database)
    go_on.set()
    await sweep(runner)
    await runner.drain(10)
    assert len(handled) == 201
    assert handled.index(waited_for) < 20


async def test_a_runner_that_is_to_end_in_the_middle_of_a_backlog_does(database: Database) -> None:
    owed, go_on = await _backlog(database, 30), asyncio.Event()
    runner = runner_of(database, go_on.wait, concurrency=5)
    assert await runner.take_due()
    sweeping, draining = asyncio.create_task(sweep(runner)), asyncio.create_task(runner.drain(10))
    go_on.set()
    done, _ = await asyncio.wait([sweeping, draining], timeout=15)
    assert done == {sweeping, draining}
    assert await database.collection(Job).count_documents({"status": "RUNNING"}) == 0
    assert await database.collection(Job).count_documents({"status": "QUEUED"}) >= len(owed) - 15
