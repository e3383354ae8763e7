import asyncio

import pytest
from structlog.testing import capture_logs

from schema.database import Database, connect
from schema.jobs.model import Job
from settings.config import Settings
from tasks.sweep import repeat, sweep
from tasks.worker import working
from tests.support.jobs import owe, reached, row
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio


async def test_a_job_nobody_was_told_of_is_found(settings: Settings, smtp_sink: SmtpSink) -> None:
    async with working(settings):
        database = await connect(settings.db_url, app_name="tests")
        job_id = await owe(database)
        (letter,) = await smtp_sink.arrived(deadline=3)
        assert str(job_id) in letter.message["Message-ID"]
        await reached(database, job_id, "SUCCEEDED")
        await database.close()


async def test_a_round_finds_everything_that_is_due(settings: Settings, smtp_sink: SmtpSink) -> None:
    database = await connect(settings.db_url, app_name="tests")
    owed = {str(await owe(database)) for _ in range(60)}
    await database.close()
    async with working(settings.model_copy(update={"worker_concurrency": 5})):
        letters = await smtp_sink.arrived(60)
    assert {letter.message["Message-ID"][1:25] for letter in letters} == owed
    assert len(smtp_sink.attempts) == 60


async def test_rows_that_nobody_can_work_with_keep_no_letter_waiting_and_run_never(database: Database) -> None:
    jobs, handled = database.collection(Job), list[None]()
    poisons = [await owe(database) for _ in range(12)]
    for job_id, field in zip(poisons, ["attempts", "attempt_count", "request_id", "kind"] * 3, strict=True):
        await jobs.update_one({"_id": job_id}, {"$set": {field: {"not": "this"}}})
    letters = [await owe(database) for _ in range(20)]

    async def handle() -> None:
        handled.append(None)

    runner = runner_of(database, handle, concurrency=5)
    await sweep(runner)
    await runner.drain(10)
    assert len(handled) == len(letters)
    assert await jobs.count_documents({"_id": {"$in": letters}, "status": "SUCCEEDED", "attempt_count": 1}) == 20
    closed = {"_id": {"$in": poisons}, "status": "FAILED", "attempts.error": "UNREADABLE", "due": {"$exists": False}}
    assert await jobs.count_documents(closed) == 12


async def test_a_letter_that_takes_long_keeps_its_lease(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    async with working(settings):
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        claimed = (await row(database, job_id))["due"]

        async def renewed() -> bool:
            return bool((await row(database, job_id))["due"] > claimed)

        await eventually(renewed, "A lease that is renewed")
        smtp_sink.release()
        assert len((await reached(database, job_id, "SUCCEEDED"))["attempts"]) == 1


async def test_a_round_that_raises_is_not_the_last() -> None:
    rounds, stop = 0, asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ZeroDivisionError("a fault of ours")

    async def three_rounds() -> bool:
        return rounds >= 3

    with capture_logs() as logs:
        repeating = asyncio.create_task(repeat(work, 0.01, stop))
        await eventually(three_rounds, "Three rounds")
        stop.set()
        await repeating
    assert [(line["log_level"], line["exc_info"]) for line in logs] == [("error", True)]
