"""The worker program as it is told to end, or loses its parent."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from schema.database import Database
from schema.jobs.outcomes import STOPPED
from settings.config import Settings
from tests.support.jobs import owe, reached, row
from tests.support.processes import Server
from tests.support.smtp import SmtpSink
from tests.support.worker import await_log, logged, running_worker, starting_worker
from tests.tasks.scripted import NEVER, answering

pytestmark = pytest.mark.anyio

SOON = 10
"""Sooner than the lease of a job would end, or the time to drain."""


@pytest.fixture
async def silent(settings: Settings) -> AsyncIterator[Settings]:
    """The settings, with a mail server that greets nobody: every letter waits, and none is handed over."""
    async with answering({"GREETING": NEVER}) as url:
        yield settings.model_copy(update={"smtp_url": url})


async def test_a_job_in_the_hands_of_a_worker_that_is_told_to_end_is_taken_over_at_once(
    silent: Settings, settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    with running_worker(silent) as program:
        job_id = await owe(database)
        await reached(database, job_id, "RUNNING")
        with running_worker(settings):
            program.process.terminate()
            await smtp_sink.arrived(deadline=SOON)
            first, second = (await reached(database, job_id, "SUCCEEDED"))["attempts"]
        assert await asyncio.to_thread(program.process.wait, SOON) == 0
    assert (first["error"], second["error"]) == (STOPPED, None)
    assert first["worker"] != second["worker"]
    assert (await row(database, job_id))["counted"] == 1


async def test_a_second_signal_ends_it_at_once_and_its_jobs_go_back(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    with running_worker(settings) as program:
        handed_over = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        program.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(await_log, settings, "worker stopping")
        program.process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(program.process.wait, SOON) == 130
    assert (await row(database, handed_over))["status"] == "RUNNING"  # a second copy may go out when its lease ends
    assert logged(settings)[-1]["event"] == "worker stopped"


async def test_worker_processes_end_in_good_order_when_their_parent_is_killed(
    silent: Settings, database: Database
) -> None:
    silent = silent.model_copy(update={"worker_processes": 2})
    with running_worker(silent) as program:
        await asyncio.to_thread(await_log, silent, "worker ready", 2)
        job_id = await owe(database)
        await reached(database, job_id, "RUNNING")
        program.kill()
        await reached(database, job_id, "QUEUED", SOON)
        await asyncio.to_thread(await_log, silent, "worker stopped", 2)
    assert await database.client[database.engine.database_name]["workers"].count_documents({}) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_waits_for_mongodb_can_be_told_to_end(settings: Settings, number: signal.Signals) -> None:
    with _without_mongodb(settings) as (program, told):
        await_log(told, "mongodb is away, trying again")
        program.process.send_signal(number)
        assert program.process.wait(SOON) == 0


def test_a_program_that_waited_long_enough_for_mongodb_says_so_and_exits_with_75(settings: Settings) -> None:
    with _without_mongodb(settings, start_timeout=0.5) as (program, told):
        assert program.process.wait(60) == 75
        assert logged(told)[-1]["event"] == "cannot start, MongoDB does not answer: see DB_URL"


@contextmanager
def _without_mongodb(settings: Settings, **changes: float) -> Iterator[tuple[Server, Settings]]:
    url = "mongodb://127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=100"
    told = settings.model_copy(update={"db_url": url} | changes)
    with starting_worker(told) as program:
        yield program, told
