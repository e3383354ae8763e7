import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from odmantic import ObjectId

from schema.database import Database, connect
from schema.jobs.messages import MESSAGES
from settings.config import Settings
from tasks.broker import Bell, Doorbell
from tasks.smtp import Mailer
from tasks.worker import handlers, working
from tests.support.jobs import owe, reached, row
from tests.support.processes import free_port
from tests.support.servers import start_mongodb
from tests.support.smtp import SmtpSink
from tests.support.worker import await_log, logged, ready_pids, running_worker, starting_worker

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bell(settings: Settings) -> AsyncIterator[Bell]:
    """What the API rings with."""
    doorbell = Doorbell(settings.redis_url)
    bell = Bell(doorbell)
    yield bell
    await bell.close()
    await doorbell.shutdown()


async def test_the_program_delivers_what_is_owed_and_ends_when_told_to(
    settings: Settings, database: Database, smtp_sink: SmtpSink, bell: Bell
) -> None:
    with running_worker(settings) as program:
        job_id = await owe(database, ring=bell.ring)
        (letter,) = await smtp_sink.arrived()
        assert letter.message["X-Request-ID"] == "request-1"
        (attempt,) = (await reached(database, job_id, "SUCCEEDED"))["attempts"]
        (pid,) = ready_pids(settings)
        assert attempt["worker"].endswith(f":{pid}")
        program.process.terminate()
        assert program.process.wait(10) == 0
    (line,) = [line for line in logged(settings) if line["event"] == "job succeeded"]
    assert (line["requestId"], line["program"], line["job"]) == ("request-1", "worker", str(job_id))
    assert logged(settings)[-1]["event"] == "worker stopped"
    assert [line for line in logged(settings) if line["level"] not in {"info", "debug"}] == []


async def test_every_message_there_is_has_somebody_who_does_it(settings: Settings, database: Database) -> None:
    async with Mailer(settings.smtp_url, settings.smtp_timeout) as mailer:
        known = handlers(settings, database, mailer)
    assert [message for message in MESSAGES.values() if known.keys().isdisjoint(message.__mro__)] == []


async def test_a_program_told_to_end_finishes_the_letter_first(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    with running_worker(settings) as program:
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        program.process.terminate()
        await asyncio.to_thread(await_log, settings, "worker stopping")
        later = await owe(database)
        smtp_sink.release()
        assert program.process.wait(10) == 0
    assert [attempt["error"] for attempt in (await row(database, job_id))["attempts"]] == [None]
    assert (await row(database, job_id))["status"] == "SUCCEEDED"
    assert (await row(database, later))["attempts"] == []
    assert len(smtp_sink.attempts) == 1


async def test_a_bad_ring_harms_nobody(settings: Settings, database: Database, smtp_sink: SmtpSink, bell: Bell) -> None:
    with running_worker(settings):
        bell.ring("no id")  # type: ignore[arg-type]  # as an older version might ring
        job_id = await owe(database, ring=bell.ring)
        await reached(database, job_id, "SUCCEEDED")
    assert len(smtp_sink.letters) == 1
    assert len(ready_pids(settings)) == 1


async def test_a_worker_that_starts_before_mongodb_waits_for_it(
    settings: Settings, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    port = free_port()
    url = f"mongodb://127.0.0.1:{port}/postberry?replicaSet=rs0&serverSelectionTimeoutMS=200"
    settings = settings.model_copy(update={"db_url": url})
    with starting_worker(settings) as program:
        await asyncio.to_thread(await_log, settings, "mongodb is away, trying again", 2)
        with start_mongodb(tmp_path / "mongodb", port):
            await asyncio.to_thread(await_log, settings, "worker ready")
            database = await connect(url, app_name="tests")
            await reached(database, await owe(database), "SUCCEEDED")
            await database.close()
            program.stop()
    assert program.process.returncode == 0
    assert "Traceback" not in (tmp_path / "worker.log").read_text()
    assert len(smtp_sink.letters) == 1


async def test_a_runner_takes_nothing_after_its_end(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    async with working(settings) as runner:
        assert not await runner.take(ObjectId())
    assert not await runner.take(await owe(database))
    assert smtp_sink.attempts == []
