import asyncio
import os
import signal

import pytest

from schema.database import Database
from settings.config import Settings
from tests.support.jobs import owe, reached
from tests.support.smtp import SmtpSink
from tests.support.worker import ready_pids, running_worker

pytestmark = pytest.mark.anyio


async def test_a_worker_process_that_was_killed_is_replaced_and_its_letter_sent(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    with running_worker(settings) as program:
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        (pid,) = ready_pids(settings)
        os.kill(pid, signal.SIGKILL)
        await smtp_sink.arrived(deadline=30)
        attempts = (await reached(database, job_id, "SUCCEEDED"))["attempts"]
        assert program.process.poll() is None
    assert len(attempts) == 2
    assert [attempt["worker"].rpartition(":")[2] for attempt in attempts] == [str(pid) for pid in ready_pids(settings)]
