import asyncio
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from odmantic import ObjectId

from schema.database import connect
from settings.config import Settings
from tasks.broker import Bell, Doorbell
from tests.support.jobs import owe, reached
from tests.support.processes import Server
from tests.support.servers import start_mongodb
from tests.support.smtp import SmtpSink
from tests.support.worker import await_log, logged, ready_pids, running_worker

pytestmark = pytest.mark.anyio


async def _ring(settings: Settings) -> None:
    doorbell = Doorbell(settings.redis_url)
    bell = Bell(doorbell)
    bell.ring(ObjectId())
    await bell.close()
    await doorbell.shutdown()


async def test_a_mongodb_frozen_while_a_letter_is_sent_costs_neither_the_letter_nor_a_second_one(
    settings: Settings, smtp_sink: SmtpSink, mongodb_server: Server
) -> None:
    settings = settings.model_copy(update={"db_url": mongodb_server.url})
    smtp_sink.hang_next()
    database = await connect(settings.db_url, app_name="tests")
    with running_worker(settings):
        sending = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        await database.close()
        mongodb_server.process.send_signal(signal.SIGSTOP)
        smtp_sink.release()
        await smtp_sink.arrived(1)
        mongodb_server.process.send_signal(signal.SIGCONT)
        database = await connect(settings.db_url, app_name="tests")
        assert len((await reached(database, sending, "SUCCEEDED"))["attempts"]) == 1
        await reached(database, await owe(database), "SUCCEEDED")
        await database.close()
    assert len(smtp_sink.attempts) == 2


async def test_a_mongodb_killed_while_a_letter_is_sent_costs_neither_the_letter_nor_a_second_one(
    settings: Settings, smtp_sink: SmtpSink, mongodb_server: Server, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"db_url": f"{mongodb_server.url}&serverSelectionTimeoutMS=1000"})
    smtp_sink.hang_next()
    database = await connect(settings.db_url, app_name="tests")
    with running_worker(settings) as program:
        sending = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        await database.close()
        mongodb_server.kill()
        await _ring(settings)
        smtp_sink.release()
        await asyncio.to_thread(await_log, settings, "mongodb is away, the sweep finds the job")
        await asyncio.to_thread(await_log, settings, "the outcome of a job could not be written yet")
        with start_mongodb(tmp_path / "mongodb", urlsplit(mongodb_server.url).port or 0):
            database = await connect(settings.db_url, app_name="tests")
            assert len((await reached(database, sending, "SUCCEEDED"))["attempts"]) == 1
            await reached(database, await owe(database), "SUCCEEDED")
            await database.close()
            program.stop()
    assert len(smtp_sink.attempts) == 2
    assert len(ready_pids(settings)) == 1
    assert [line["event"] for line in logged(settings) if line["level"] in {"error", "critical"}] == []
