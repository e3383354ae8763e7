from datetime import timedelta
from functools import partial

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.engine import Document
from schema.jobs import outcomes, service
from schema.jobs.messages import RETRY
from settings.config import Settings
from tasks import emails
from tasks.attempt import attempt
from tasks.emails import Post
from tasks.facts import Research
from tasks.smtp import Mailer
from tests.support.jobs import URLS, owe, row, set_due
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink

pytestmark = pytest.mark.anyio

LONGEST = timedelta(seconds=60.1)

STORED = timedelta(milliseconds=1)
"""As exactly as MongoDB keeps a time."""


async def _attempted(database: Database, post: Post, job_id: ObjectId) -> Document:
    """The row after one more attempt, which need not wait until it is due."""
    await set_due(database, job_id)
    claim = await service.claim(database, "a worker", job_id)
    assert claim
    ended = await attempt(partial(emails.send, post), claim)
    assert await outcomes.record(database, [ended.outcome]) == [True]
    return await row(database, job_id)


async def test_a_letter_refused_four_times_waits_ever_longer_and_is_sent_at_the_fifth_attempt(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    smtp_sink.refuse_next("451 4.3.0 Try again", times=4)
    job_id = await owe(database)
    async with Mailer(settings.smtp_url, settings.smtp_timeout) as mailer:
        post = Post(database, Research(database, settings.site, URLS), settings.mail_from, mailer)
        for seconds in (2, 8, 32, 128):
            job, longest = await _attempted(database, post, job_id), timedelta(seconds=seconds)
            last = job["attempts"][-1]
            assert last["started_at"] + longest * (1 - RETRY.jitter) - STORED <= job["due"]
            assert job["due"] <= last["finished_at"] + longest + STORED
        job = await _attempted(database, post, job_id)
    assert job["status"] == "SUCCEEDED"
    assert [attempt["number"] for attempt in job["attempts"]] == [1, 2, 3, 4, 5]
    assert [attempt["error"] for attempt in job["attempts"]] == ["SMTP_451"] * 4 + [None]
    assert (len(smtp_sink.attempts), len(smtp_sink.letters)) == (5, 1)


async def test_while_the_mail_server_is_away_a_letter_is_tried_each_minute_and_no_attempt_counts(
    database: Database, settings: Settings
) -> None:
    job_id = await owe(database)
    async with Mailer(f"smtp://127.0.0.1:{free_port()}", settings.smtp_timeout) as mailer:
        post = Post(database, Research(database, settings.site, URLS), settings.mail_from, mailer)
        for _ in range(8):
            job = await _attempted(database, post, job_id)
    last = job["attempts"][-1]
    assert (job["status"], job["counted"], last["error"]) == ("QUEUED", 0, "SMTP_UNREACHABLE")
    assert timedelta(seconds=40) < job["due"] - last["started_at"] <= last["finished_at"] - last["started_at"] + LONGEST
