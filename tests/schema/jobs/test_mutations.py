"""What operators do with jobs."""

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.jobs import operations, service
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support import endings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.jobs import context, owe, reached, row
from tests.support.smtp import SmtpSink
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

RETRY = "mutation ($id: ID!) { jobRetry(input: {id: $id}) { job { status } userErrors { field code message } } }"
CANCEL = "mutation ($id: ID!) { jobCancel(input: {id: $id}) { job { status } userErrors { field code message } } }"


async def _ask(client: Client, mutation: str, job_id: ObjectId) -> tuple[str | None, list[str]]:
    """The status the job has now, or why it was refused."""
    (payload,) = (await client.data(mutation, {"id": to_global_id("Job", job_id)})).values()
    return payload["job"] and payload["job"]["status"], [error["code"] for error in payload["userErrors"]]


async def _failed(database: Database) -> ObjectId:
    """A job that used up every attempt."""
    job_id = await owe(database)
    for _ in range(5):
        claim = await service.claim(database, "worker-1", job_id)
        assert claim is not None
        await endings.retry_at(database, claim, claim.job["created_at"], "SMTP_451", "")
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    await endings.fail(database, claim, "WORKER_DIED", "")
    return job_id


async def test_a_failed_job_runs_again_at_once_with_all_its_attempts_before_it(
    client: Client, database: Database, collections: Collections, settings: Settings, smtp_sink: SmtpSink
) -> None:
    admin, job_id = await administrator(client, collections), await _failed(database)
    smtp_sink.refuse_next("451 4.3.0 Try again")
    assert await _ask(admin, RETRY, job_id) == ("QUEUED", [])
    job = await row(database, job_id)
    assert (job["counted"], job["finished_at"], len(job["attempts"])) == (0, None, 6)
    await collections["jobs"].update_many({"_id": {"$ne": job_id}}, {"$unset": {"due": ""}})
    with running_worker(settings):
        job = await reached(database, job_id, "SUCCEEDED")
    errors = [attempt["error"] for attempt in job["attempts"]]
    assert errors == [*["SMTP_451"] * 5, "WORKER_DIED", "SMTP_451", None]
    assert [attempt["number"] for attempt in job["attempts"]] == list(range(1, 9))


async def test_a_queued_job_is_cancelled_and_may_be_run_after_all(
    client: Client, database: Database, collections: Collections
) -> None:
    admin, job_id = await administrator(client, collections), await owe(database)
    assert await _ask(admin, CANCEL, job_id) == ("CANCELLED", [])
    assert await service.claim(database, "worker-1", job_id) is None
    job = await row(database, job_id)
    assert job["finished_at"] is not None
    assert "due" not in job
    assert await _ask(admin, CANCEL, job_id) == (None, ["NOT_ALLOWED"])
    assert await _ask(admin, RETRY, job_id) == ("QUEUED", [])
    assert await service.claim(database, "worker-1", job_id)


async def test_a_job_that_runs_or_is_done_is_left_alone(
    client: Client, database: Database, collections: Collections
) -> None:
    admin, job_id = await administrator(client, collections), await owe(database)
    assert await _ask(admin, RETRY, job_id) == (None, ["NOT_ALLOWED"])
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    before = await row(database, job_id)
    for mutation in (RETRY, CANCEL):
        assert await _ask(admin, mutation, job_id) == (None, ["NOT_ALLOWED"])
    assert await row(database, job_id) == before
    assert await endings.finish(database, claim)
    for mutation in (RETRY, CANCEL):
        assert await _ask(admin, mutation, job_id) == (None, ["NOT_ALLOWED"])
    assert (await row(database, job_id))["status"] == "SUCCEEDED"


async def test_a_job_that_is_not_there_is_not_found(client: Client, collections: Collections) -> None:
    admin = await administrator(client, collections)
    for mutation in (RETRY, CANCEL):
        assert await _ask(admin, mutation, ObjectId()) == (None, ["NOT_FOUND"])


async def test_only_operators_change_jobs(client: Client, database: Database) -> None:
    ada, job_id = await client.signed_up(), await owe(database)
    for mutation in (RETRY, CANCEL):
        variables = {"id": to_global_id("Job", job_id)}
        assert await ada.codes(mutation, variables) == ["FORBIDDEN"]
        assert await client.codes(mutation, variables) == ["UNAUTHENTICATED"]
    assert (await row(database, job_id))["status"] == "QUEUED"


async def test_workers_are_told_of_a_job_that_runs_again(database: Database) -> None:
    rung: list[ObjectId] = []
    job_id = await _failed(database)
    await operations.retry(context(database, rung.append), job_id)
    assert rung == [job_id]
