import asyncio
import signal

import pytest
from odmantic import ObjectId
from structlog.testing import capture_logs

from schema.database import Database, connect
from schema.jobs import outcomes, service
from schema.jobs.messages import Message
from schema.jobs.service import Claim
from schema.times import utc_now
from tasks.run import Runner
from tests.support.jobs import owe, reached, row, set_due
from tests.support.processes import Server
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio

CUT_OFF = "jobs did not finish in time, their leases will end"


async def test_a_job_that_does_not_finish_in_time_goes_back_and_is_begun_anew_at_once(database: Database) -> None:
    job_id, left = await owe(database), await owe(database)
    runner = runner_of(database, asyncio.Event().wait, concurrency=1)
    assert await runner.take(job_id)
    waiting = asyncio.create_task(runner.take(left))
    await asyncio.sleep(0)  # it waits for the slot
    await runner.drain(0.1)
    assert not await waiting
    job = await row(database, job_id)
    assert (job["status"], job["token"], job["counted"]) == ("QUEUED", None, 0)
    (attempt,) = job["attempts"]
    assert (attempt["error"], attempt["detail"]) == (outcomes.STOPPED, "its worker was told to end")
    assert attempt["started_at"] <= attempt["finished_at"] <= utc_now()
    assert job["due"] <= utc_now()
    again = await service.claim(database, "another worker", job_id)
    assert again is not None
    assert (again.attempt, again.counted) == (2, 1)
    assert (await row(database, left))["attempts"] == []


async def test_what_can_be_begun_anew_goes_back_long_before_the_rest_has_ended(database: Database) -> None:
    handed_over, other = await owe(database), await owe(database)
    post = _Post(database, handed_over)
    assert await post.runner.take(handed_over)
    assert await post.runner.take(other)
    await post.has_handed_over()
    draining = asyncio.create_task(post.runner.drain(60, patience=0.1))
    await reached(database, other, "QUEUED")
    assert (await row(database, handed_over))["status"] == "RUNNING"
    assert not draining.done()
    post.answered.set()
    await draining
    assert (await row(database, handed_over))["status"] == "SUCCEEDED"


async def test_a_letter_that_was_handed_over_and_is_not_answered_is_left_to_its_lease(database: Database) -> None:
    job_id = await owe(database)
    post = _Post(database, job_id)
    assert await post.runner.take(job_id)
    await post.has_handed_over()
    with capture_logs() as logs:
        await post.runner.drain(0.1)
    (line,) = [line for line in logs if line["log_level"] == "warning"]
    assert (line["event"], line["jobs"]) == (CUT_OFF, [str(job_id)])
    job = await row(database, job_id)
    assert (job["status"], job["attempts"][0].get("finished_at")) == ("RUNNING", None)
    assert job["due"] > utc_now()  # until then nobody sends it again


async def test_in_a_hurry_nothing_is_waited_for(database: Database) -> None:
    handed_over, other = await owe(database), await owe(database)
    post = _Post(database, handed_over)
    assert await post.runner.take(handed_over)
    assert await post.runner.take(other)
    await post.has_handed_over()
    draining = asyncio.create_task(post.runner.drain(3_600))
    await asyncio.sleep(0)
    assert not draining.done()
    post.runner.hurry.set()
    await draining
    assert [(await row(database, job_id))["status"] for job_id in (handed_over, other)] == ["RUNNING", "QUEUED"]


async def test_a_job_another_worker_has_taken_over_is_not_given_back(database: Database) -> None:
    job_id = await owe(database)
    runner = runner_of(database, asyncio.Event().wait)
    assert await runner.take(job_id)
    await set_due(database, job_id)
    assert await service.claim(database, "another worker", job_id)
    before = await row(database, job_id)
    await runner.drain(0.1)
    assert await row(database, job_id) == before


async def test_a_worker_ends_also_when_mongodb_does_not_answer(mongodb_server: Server) -> None:
    database = await connect(mongodb_server.url, app_name="tests")
    runner = runner_of(database, asyncio.Event().wait)
    assert await runner.take(await owe(database))
    mongodb_server.process.send_signal(signal.SIGSTOP)
    with capture_logs() as logs:
        await runner.drain(0.1)
    mongodb_server.process.send_signal(signal.SIGCONT)
    await database.close()
    assert "mongodb is away, the leases of these jobs will end" in [line["event"] for line in logs]


class _Post:
    """Hands this letter over and waits for the answer; with anything else it goes on for ever."""

    def __init__(self, database: Database, letter: ObjectId) -> None:
        self.runner = Runner(database, self._handle, 10)
        self.answered = asyncio.Event()
        self._handed_over = asyncio.Event()
        self._database = database
        self._letter = letter

    async def has_handed_over(self) -> None:
        """Return once it waits for the answer."""
        async with asyncio.timeout(10):
            await self._handed_over.wait()

    async def _handle(self, claim: Claim, _message: Message) -> None:
        if claim.id != self._letter:
            await asyncio.Event().wait()
        assert await service.holds(self._database, claim)
        self._handed_over.set()
        await self.answered.wait()
