"""What a collector is told of jobs."""

from functools import partial

import pytest
from anyio import to_thread
from odmantic import ObjectId

from schema.database import Database
from schema.jobs import service
from schema.jobs.messages import JobArchive
from schema.jobs.model import Job
from settings.config import Settings
from tasks.worker import working
from tests.support.jobs import owe, reached, set_due
from tests.support.otlp import ATTEMPT, ERROR, Receiver, Traced
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return settings.model_copy(update={"otel_exporter_otlp_endpoint": receiver.url})


async def _owe(database: Database, traceparent: object) -> ObjectId:
    """A job whose row says this."""
    job_id = await owe(database)
    await database.collection(Job).update_one({"_id": job_id}, {"$set": {"traceparent": traceparent}})
    return job_id


async def _failed_with(code: str, database: Database) -> None:
    failed = partial(database.collection(Job).find_one, {"attempts.error": code})
    await eventually(failed, f"An attempt that failed with {code}")


def _attempts(receiver: Receiver) -> list[Traced]:
    return [span for span in receiver.spans if span.kind == ATTEMPT]


async def test_each_attempt_is_a_span_in_the_trace_of_who_owed_the_job(
    settings: Settings, database: Database, receiver: Receiver, smtp_sink: SmtpSink
) -> None:
    smtp_sink.refuse_next("451 4.3.0 <ada@example.com> again later")
    job_id = await _owe(database, f"00-{TRACE}-{PARENT}-01")
    async with working(settings):
        await _failed_with("SMTP_451", database)
        await set_due(database, job_id)
        await reached(database, job_id, "SUCCEEDED")
    first, second = sorted(_attempts(receiver), key=lambda span: str(span.attributes["job.attempt"]))
    assert {(span.trace, span.parent) for span in (first, second)} == {(TRACE, PARENT)}
    assert (first.attributes["error.type"], first.attributes["job.status"]) == ("SMTP_451", "QUEUED")
    assert (second.attributes["job.status"], "error.type" in second.attributes) == ("SUCCEEDED", False)
    assert [(span.status.code, span.status.message) for span in (first, second)] == [(ERROR, ""), (0, "")]
    letters = {span.parent: span.attributes.get("error.type") for span in receiver.named("smtp")}
    assert letters == {first.id: "SMTP_451", second.id: None}
    assert b"@example.com" not in b"".join(receiver.bodies)


@pytest.mark.parametrize("given", [None, "", "00-1-2-3", f"00-{TRACE}-{'0' * 16}-01", "x" * 100_000, 7, {"a": []}])
async def test_a_job_that_follows_nothing_begins_a_trace(
    settings: Settings, database: Database, receiver: Receiver, given: object
) -> None:
    job_id = await _owe(database, given)
    async with working(settings):
        await reached(database, job_id, "SUCCEEDED")
    (attempt,) = _attempts(receiver)
    assert (attempt.parent, len(attempt.trace), attempt.attributes["job.status"]) == ("", 32, "SUCCEEDED")
    assert attempt.trace != TRACE


async def test_a_row_that_was_written_before_there_were_traces_is_done(
    settings: Settings, database: Database, receiver: Receiver
) -> None:
    job_id = await owe(database)
    await database.collection(Job).update_one({"_id": job_id}, {"$unset": {"traceparent": ""}})
    async with working(settings):
        await reached(database, job_id, "SUCCEEDED")
    assert [attempt.parent for attempt in _attempts(receiver)] == [""]


async def test_what_the_clock_owes_begins_a_trace(settings: Settings, database: Database, receiver: Receiver) -> None:
    assert await service.owe_once(database, JobArchive(days=1), "key")
    async with working(settings):
        job = await database.collection(Job).find_one()
        assert job is not None
        await reached(database, job["_id"], "SUCCEEDED")
    (attempt,) = _attempts(receiver)
    assert (attempt.name, attempt.parent) == ("attempt JOB_ARCHIVE", "")
    assert {span.trace for span in receiver.spans} == {attempt.trace}


async def test_a_server_that_is_away_is_told_by_its_code(
    settings: Settings, database: Database, receiver: Receiver
) -> None:
    await owe(database)
    port = free_port()
    async with working(settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})):
        await _failed_with("SMTP_UNREACHABLE", database)
    (letter,), (attempt,) = receiver.named("smtp")[:1], _attempts(receiver)[:1]
    assert letter.attributes == {
        "server.address": "127.0.0.1",
        "server.port": port,
        "error.type": "SMTP_UNREACHABLE",
    }
    assert attempt.attributes["error.type"] == "SMTP_UNREACHABLE"


async def test_an_attempt_that_is_cut_off_says_so(
    settings: Settings, database: Database, receiver: Receiver, smtp_sink: SmtpSink
) -> None:
    smtp_sink.hold_next()
    await owe(database)
    async with working(settings):
        await to_thread.run_sync(smtp_sink.wait_for_held)
    (attempt,) = _attempts(receiver)
    assert (attempt.status.code, attempt.status.message) == (ERROR, "cut off")
