"""Rows that can be claimed, and that nobody can work with."""

from typing import Any

import bson
import pytest
from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from odmantic import ObjectId
from structlog.testing import capture_logs

from schema import indexes
from schema.database import Database
from schema.jobs import operations, service
from schema.jobs.model import Job
from schema.times import utc_now
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.jobs import context, owe, row

pytestmark = pytest.mark.anyio

ABSENT = object()
NOWHEN = DatetimeMS(8_640_000_000_000_000)
"""A time that MongoDB keeps and Python has not."""

NOW = utc_now()
BROKEN: dict[str, list[object]] = {
    "kind": [ABSENT, ["SIGN_UP_EMAIL"]],
    "payload": [ABSENT, None, "x", ["x"]],
    "request_id": [ABSENT, None, 7],
    "attempt_count": [ABSENT, None, 1.5, 2**40],
    "counted": [ABSENT, None, 0.5],
    "attempts_before": [ABSENT, "x"],
    "attempts": [ABSENT, None, ["x"], [{"number": 1}], [{"number": 1, "worker": 1, "started_at": NOW}]],
    "created_at": [ABSENT, "yesterday", NOWHEN],
}
CASES = [
    pytest.param(name, value, id=f"{name}-{place}") for name, them in BROKEN.items() for place, value in enumerate(them)
]
ALL = """{ jobs(first: 50) { totalCount edges { cursor } nodes {
  id kind status requestId due createdAt finishedAt recipient progress { done total word }
  attempts { number startedAt finishedAt error detail worker }
} } }"""


async def _broken(database: Database, name: str, value: object) -> ObjectId:
    job_id = await owe(database)
    change = {"$unset": {name: ""}} if value is ABSENT else {"$set": {name: value}}
    await database.collection(Job).update_one({"_id": job_id}, change)
    return job_id


@pytest.mark.parametrize(("name", "value"), CASES)
async def test_a_row_that_nobody_can_work_with_is_claimed_once_and_says_why_it_failed(
    database: Database, name: str, value: object
) -> None:
    await indexes.create(database)
    broken, sound = await _broken(database, name, value), await owe(database)
    with capture_logs() as logs:
        claims, _ = await service.claim_many(database, "worker-1", 50)
    assert [claim.id for claim in claims] == [sound]
    job = await row(database, broken)
    assert (job["status"], job["token"], "due" in job) == ("FAILED", None, False)
    last = job["attempts"][-1]
    assert (last["number"], last["worker"], last["error"]) == (job["attempt_count"], "worker-1", "UNREADABLE")
    assert last["detail"].startswith(name)
    assert job["finished_at"] == last["finished_at"] is not None
    assert [(line["log_level"], line["job"]) for line in logs] == [("error", str(broken))]


@pytest.mark.parametrize(("name", "value"), CASES)
async def test_a_row_that_nobody_can_work_with_is_closed_by_who_was_told_of_it(
    database: Database, name: str, value: object
) -> None:
    job_id = await _broken(database, name, value)
    assert await service.claim(database, "worker-1", job_id) is None
    job = await row(database, job_id)
    assert (job["status"], job["attempts"][-1]["error"], "due" in job) == ("FAILED", "UNREADABLE", False)


async def test_a_job_whose_id_is_none_is_closed(database: Database) -> None:
    await indexes.create(database)
    sound = await owe(database)
    await database.collection(Job).insert_one(await row(database, sound) | {"_id": "a name"})
    claims, _ = await service.claim_many(database, "worker-1", 50)
    assert [claim.id for claim in claims] == [sound]
    job = await database.collection(Job).find_one({"_id": "a name"})
    assert job is not None
    assert (job["status"], job["attempts"][-1]["error"], "due" in job) == ("FAILED", "UNREADABLE", False)


async def test_text_that_is_none_keeps_no_other_job_waiting(database: Database) -> None:
    await indexes.create(database)
    sound = await owe(database)
    broken = bson.encode(await row(database, sound) | {"_id": ObjectId(), "recipient": "ada"}).replace(
        b"ada\0", b"\xff\xfe!\0"
    )
    raw: Any = database.collection(Job)
    await raw.insert_one(RawBSONDocument(broken))
    claims, _ = await service.claim_many(database, "worker-1", 50)
    assert len(claims) == 2


async def test_numbers_of_64_bits_are_numbers(database: Database) -> None:
    job_id = await owe(database)
    numbers = dict.fromkeys(("attempt_count", "counted", "attempts_before"), Int64(0))
    await database.collection(Job).update_one({"_id": job_id}, {"$set": numbers})
    assert await service.claim(database, "worker-1", job_id)


async def test_an_administrator_sees_the_jobs_that_nobody_could_work_with(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    ids = [await _broken(database, name, value) for name, them in BROKEN.items() for value in them]
    assert await service.claim_many(database, "worker-1", 50) == ([], False)
    jobs = (await admin.data(ALL))["jobs"]
    assert (jobs["totalCount"], len(jobs["nodes"])) == (len(ids), len(ids))
    assert {job["attempts"][-1]["error"] for job in jobs["nodes"]} == {"UNREADABLE"}
    made = [bson.ObjectId(job_id).generation_time for job_id in ids]
    assert {job["createdAt"][:4] for job in jobs["nodes"]} == {str(time.year) for time in made}


async def test_a_job_that_does_not_say_whom_it_is_for_is_run_and_shown_all_the_same(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    assert await service.claim(database, "worker-1", await _broken(database, "recipient", ABSENT))
    (job,) = (await admin.data(ALL))["jobs"]["nodes"]
    assert (job["status"], job["recipient"]) == ("RUNNING", None)


async def test_a_job_that_nobody_could_work_with_may_be_tried_again(database: Database) -> None:
    job_id = await _broken(database, "counted", "x")
    assert await service.claim(database, "worker-1", job_id) is None
    await operations.retry(context(database), job_id)
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    assert (claim.attempt, claim.counted) == (2, 1)
