import asyncio

import pytest

from schema.database import Database
from settings.config import Settings
from tests.support.jobs import owe, reached, row
from tests.support.smtp import SmtpSink
from tests.support.worker import kill_tree, running_worker

pytestmark = pytest.mark.anyio


async def test_a_letter_whose_worker_was_killed_is_sent_by_the_next(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hang_next()
    with running_worker(settings) as program:
        job_id = await owe(database)
        await asyncio.to_thread(smtp_sink.wait_for_attempts)
        kill_tree(program)
    assert (await row(database, job_id))["status"] == "RUNNING"
    with running_worker(settings):
        await smtp_sink.arrived(deadline=25)
        first, second = (await reached(database, job_id, "SUCCEEDED"))["attempts"]
    assert (first["number"], first.get("finished_at")) == (1, None)
    assert (second["number"], second["error"]) == (2, None)
    assert first["worker"] != second["worker"]
    assert len({letter.message["Message-ID"] for letter in smtp_sink.attempts}) == 1
    assert len(smtp_sink.letters) == 1
