import asyncio
import os
import signal
from pathlib import Path

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.engine import Document
from settings.config import Settings
from tasks.run import LOST
from tests.support.jobs import owe, reached, row
from tests.support.processes import Server
from tests.support.smtp import SmtpSink
from tests.support.worker import await_log, logged, ready_pids, running_worker

pytestmark = pytest.mark.anyio

TAKEN_OVER = 40
"""Seconds until the other worker has surely done it: a lease, a sweep and a busy machine."""


@pytest.fixture
def others(settings: Settings, tmp_path: Path) -> Settings:
    """The settings of the second worker, which differ in where it logs."""
    return settings.model_copy(update={"log_dir": tmp_path / "other" / "logs"})


async def _taken_over(settings: Settings, database: Database, job_id: ObjectId) -> Document:
    """The row as another worker left it, which did the job of the one that is frozen."""
    with running_worker(settings):
        job = await reached(database, job_id, "SUCCEEDED", TAKEN_OVER)
        first, second = job["attempts"]
        assert (first["number"], first.get("finished_at")) == (1, None)
        assert (second["number"], second["error"]) == (2, None)
        assert second["worker"].endswith(f":{ready_pids(settings)[-1]}")
    return job


async def _woken(settings: Settings, program: Server) -> None:
    """It has found out that its claim is lost, and has ended in good order: it will do nothing more."""
    os.killpg(program.pid, signal.SIGCONT)
    await asyncio.to_thread(await_log, settings, LOST)
    program.process.terminate()
    assert await asyncio.to_thread(program.process.wait, 20) == 0
    assert not {line["event"] for line in logged(settings)} & {"job succeeded", "job failed", "job attempt failed"}


async def test_a_letter_that_another_worker_has_sent_is_not_sent_by_one_that_was_frozen_before_it(
    settings: Settings, others: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hold_next()
    with running_worker(settings) as program:
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_held)
        os.killpg(program.pid, signal.SIGSTOP)
        done = await _taken_over(others, database, job_id)
        smtp_sink.release()  # the answer is there when it wakes up: nothing else keeps it from going on
        await _woken(settings, program)
    assert await row(database, job_id) == done
    assert len(smtp_sink.attempts) == len(smtp_sink.letters) == 1


async def test_a_worker_that_was_frozen_while_its_letter_was_taken_does_not_finish_the_job_of_another(
    settings: Settings, others: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    with running_worker(settings) as program:
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        (pid,) = ready_pids(settings)
        os.kill(pid, signal.SIGSTOP)  # its manager lives on, and sees a worker process that is there
        done = await _taken_over(others, database, job_id)
        smtp_sink.release()
        await _woken(settings, program)
    assert await row(database, job_id) == done
    assert len(smtp_sink.attempts) == 2  # a mail server may have what it never confirmed
    assert len({letter.message["Message-ID"] for letter in smtp_sink.attempts}) == 1
