import asyncio
from functools import partial
from typing import Any

import pytest
from odmantic import ObjectId
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from schema.database import Database
from schema.engine import Document
from schema.jobs import outcomes, service
from schema.jobs.messages import RETRY, Email, Message
from schema.jobs.model import Job
from schema.jobs.service import Claim
from schema.times import utc_now
from settings.config import Settings
from tasks import emails
from tasks.emails import Post
from tasks.errors import PermanentError, TemporaryError
from tasks.facts import Research
from tasks.run import LOST, Runner
from tasks.smtp import Mailer
from tasks.sweep import sweep
from tests.support import endings
from tests.support.jobs import URLS, owe, row, set_due
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually
from tests.tasks.handling import runner_of

pytestmark = pytest.mark.anyio


async def _raise(error: Exception) -> None:
    raise error


async def _run(database: Database, job_id: ObjectId, runner: Runner) -> Document:
    """The job's row after one attempt."""
    assert await runner.take(job_id)
    await runner.drain(10)
    return await row(database, job_id)


async def _update(database: Database, job_id: ObjectId, **changes: object) -> None:
    await database.collection(Job).update_one({"_id": job_id}, {"$set": changes})


def _mailing(database: Database, settings: Settings) -> Runner:
    async def handler(claim: Claim, message: Email) -> None:
        async with Mailer(settings.smtp_url, settings.smtp_timeout) as mailer:
            await emails.send(
                Post(database, Research(database, settings.site, URLS), settings.mail_from, mailer), claim, message
            )

    return Runner(database, handler, 10)


async def test_a_letter_that_arrives_is_a_job_that_succeeded(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    job_id = await owe(database)
    runner = _mailing(database, settings)
    job = await _run(database, job_id, runner)
    (letter,) = smtp_sink.letters
    assert letter.message["Message-ID"] == f"<{job_id}@postberry.localhost>"
    assert job["status"] == "SUCCEEDED"
    (attempt,) = job["attempts"]
    assert (attempt["number"], attempt["worker"], attempt["error"]) == (1, runner.worker, None)


async def test_a_letter_refused_for_now_is_queued_for_later(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    smtp_sink.refuse_next("451 4.3.0 Try again")
    job_id, before = await owe(database), utc_now()
    with capture_logs() as logs:
        job = await _run(database, job_id, _mailing(database, settings))
    assert job["status"] == "QUEUED"
    assert job["due"] > before + RETRY.delay(1) * (1 - RETRY.jitter)
    (attempt,) = job["attempts"]
    assert (attempt["error"], attempt["detail"]) == ("SMTP_451", "4.3.0 Try again")
    (line,) = [line for line in logs if line["event"] == "job attempt failed"]
    assert (line["log_level"], line["job"], line["attempt"]) == ("warning", str(job_id), 1)


async def test_a_letter_refused_for_good_is_a_job_that_failed(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    smtp_sink.refuse_next("550 5.1.1 No such user")
    job_id = await owe(database)
    with capture_logs() as logs:
        job = await _run(database, job_id, _mailing(database, settings))
    assert (job["status"], job["attempts"][0]["error"]) == ("FAILED", "SMTP_550")
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["job failed"]


async def test_every_attempt_is_recorded_until_there_are_no_more(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    smtp_sink.refuse_next("451 4.3.0 Try again", times=RETRY.attempts)
    job_id = await owe(database)
    for number in range(1, RETRY.attempts + 1):
        await set_due(database, job_id)
        job = await _run(database, job_id, _mailing(database, settings))
        assert [attempt["number"] for attempt in job["attempts"]] == list(range(1, number + 1))
        assert job["status"] == ("QUEUED" if number < RETRY.attempts else "FAILED")
    assert {attempt["error"] for attempt in job["attempts"]} == {"SMTP_451"}
    assert "due" not in job


async def test_a_mail_server_that_is_away_uses_no_attempt_up(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    job_id = await owe(database)
    away = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    for _ in range(2 * RETRY.attempts):
        await set_due(database, job_id)
        job = await _run(database, job_id, _mailing(database, away))
        assert (job["status"], job["attempts"][-1]["error"]) == ("QUEUED", "SMTP_UNREACHABLE")
    await set_due(database, job_id)
    assert (await _run(database, job_id, _mailing(database, settings)))["status"] == "SUCCEEDED"
    assert len(smtp_sink.letters) == 1


@pytest.mark.parametrize(("attempts", "before"), [(1, 0), (3, 0), (9, 8), (60, 57)])
async def test_an_attempt_waits_the_longer_the_more_there_were_since_somebody_asked_for_it(
    database: Database, attempts: int, before: int
) -> None:
    job_id, now = await owe(database), utc_now()
    await _update(database, job_id, attempt_count=attempts - 1, attempts_before=before)
    error = TemporaryError("SMTP_UNREACHABLE", "")
    job = await _run(database, job_id, runner_of(database, partial(_raise, error)))
    longest = RETRY.base * RETRY.factor ** (attempts - before - 1)
    waits = (job["due"] - now).total_seconds()
    assert longest * (1 - RETRY.jitter) - 0.1 <= waits <= longest + 10  # and what a busy machine takes


async def test_a_handler_that_raises_fails_its_own_job_alone(database: Database) -> None:
    broken, sound = [await owe(database) for _ in range(2)]
    handled: list[ObjectId] = []

    async def handler(claim: Claim, _message: Message) -> None:
        handled.append(claim.id)
        if claim.id == broken:
            raise ZeroDivisionError("a fault of ours")

    runner = Runner(database, handler, 10)
    with capture_logs() as logs:
        await sweep(runner)
        await runner.drain(10)
    assert sorted(handled) == sorted([broken, sound])
    job = await row(database, broken)
    assert (job["status"], job["attempts"][0]["error"]) == ("QUEUED", "INTERNAL_ERROR")
    assert job["attempts"][0]["detail"] == "ZeroDivisionError('a fault of ours')"
    assert (await row(database, sound))["status"] == "SUCCEEDED"
    (line,) = [line for line in logs if line["event"] == "job attempt failed"]
    assert (line["log_level"], line["job"]) == ("warning", str(broken))
    assert repr(line["exc_info"]) == job["attempts"][0]["detail"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "SMOKE_SIGNAL"}, "UNKNOWN_KIND"),
        ({"payload": {"to": "ada@example.com", "colour": "blue"}}, "UNREADABLE"),
    ],
    ids=["kind", "fields"],
)
async def test_a_job_of_another_version_fails_at_once_and_for_good(
    database: Database, changes: dict[str, Any], error: str
) -> None:
    job_id = await owe(database)
    await _update(database, job_id, **changes)
    job = await _run(database, job_id, runner_of(database))
    assert (job["status"], [attempt["error"] for attempt in job["attempts"]]) == ("FAILED", [error])
    assert job["attempts"][0]["detail"]
    assert "due" not in job


async def test_a_job_whose_worker_dies_each_time_fails_in_the_end(database: Database) -> None:
    job_id = await owe(database)
    for _ in range(RETRY.attempts):
        assert await service.claim(database, "a worker that dies")
        await set_due(database, job_id)
    handled: list[None] = []

    async def handle() -> None:
        handled.append(None)

    job = await _run(database, job_id, runner_of(database, handle))
    assert handled == []
    assert (job["status"], job["attempts"][-1]["error"]) == ("FAILED", "WORKER_DIED")
    assert "due" not in job


async def test_an_outcome_is_not_written_when_the_claim_was_lost(database: Database) -> None:
    job_id, go_on = await owe(database), asyncio.Event()
    runner = runner_of(database, go_on.wait)
    assert await runner.take(job_id)
    await set_due(database, job_id)
    other = await service.claim(database, "another worker")
    before = await row(database, job_id)
    with capture_logs() as logs:
        go_on.set()
        await runner.drain(10)
    assert await row(database, job_id) == before
    (line,) = [line for line in logs if line["log_level"] == "warning"]
    assert line["event"] == "the claim was lost, another worker has the job"
    assert (line["job"], line["attempt"]) == (str(job_id), 1)
    assert other is not None
    assert await endings.finish(database, other)


async def test_a_worker_that_finds_its_claim_lost_stops_what_it_does(database: Database) -> None:
    lost, held, go_on = await owe(database), await owe(database), asyncio.Event()
    stopped: list[ObjectId] = []

    async def handler(claim: Claim, _message: Message) -> None:
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            stopped.append(claim.id)
            raise

    runner = Runner(database, handler, 10)
    assert await runner.take(lost)
    assert await runner.take(held)
    await set_due(database, lost)
    assert await service.claim(database, "another worker", lost)
    with capture_logs() as logs:
        await runner.renew()
        await eventually(partial(_is_running, runner, 1), "One job that runs")
    assert stopped == [lost]
    assert [(line["event"], line["job"]) for line in logs] == [(LOST, str(lost))]
    go_on.set()
    await runner.drain(10)
    assert [(await row(database, job_id))["status"] for job_id in (lost, held)] == ["RUNNING", "SUCCEEDED"]


async def _is_running(runner: Runner, number: int) -> bool:
    return runner.running == number


async def test_a_success_that_is_not_recorded_is_not_logged(database: Database) -> None:
    job_id, go_on = await owe(database), asyncio.Event()
    runner = runner_of(database, go_on.wait)
    assert await runner.take(job_id)
    await set_due(database, job_id)
    assert await service.claim(database, "another worker", job_id)
    with capture_logs() as logs:
        go_on.set()
        await runner.drain(10)
    assert "job succeeded" not in [line["event"] for line in logs]


@pytest.mark.parametrize("error", [TemporaryError("X", "y" * 5_000_000), PermanentError("X", "gel\udcf6scht")])
async def test_no_text_of_an_error_keeps_its_outcome_from_being_written(database: Database, error: Exception) -> None:
    job = await _run(database, await owe(database), runner_of(database, partial(_raise, error)))
    assert job["attempts"][0]["error"] == "X"
    assert len(job["attempts"][0]["detail"]) <= outcomes.DETAIL_LENGTH


async def test_what_a_job_logs_carries_the_id_of_its_request(database: Database) -> None:
    job_id = await owe(database)
    seen: list[Any] = []

    async def handle() -> None:
        seen.append(get_contextvars().get("requestId"))

    await _run(database, job_id, runner_of(database, handle))
    assert seen == ["request-1"]
