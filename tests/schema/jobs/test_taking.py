"""Rows that cannot be claimed, among others that can."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import bson
import pytest
from odmantic import ObjectId
from pymongo.errors import OperationFailure
from structlog.testing import capture_logs

from schema import indexes
from schema.database import Database, connect
from schema.engine import Document
from schema.jobs import envelope, service
from schema.jobs.model import Job
from tests.support.jobs import owe, row, set_due
from tests.support.servers import start_mongodb

pytestmark = pytest.mark.anyio

MOST = 16 * 2**20
"""Bytes of a row, as MongoDB takes it."""

POISONS = {"attempts": "not a list", "attempt_count": "x", "counted": "x"}


@pytest.fixture
async def roomy(tmp_path: Path) -> AsyncIterator[Database]:
    """A database on a server with a cache in which the largest rows there may be find room, several times over."""
    with start_mongodb(tmp_path / "mongodb", cache_gigabytes=1) as server:
        database = await connect(server.url, app_name="tests")
        await indexes.create(database)
        yield database
        await database.close()


async def _fill(database: Database, job_id: ObjectId, name: str, size: int) -> None:
    """Put so much in this field that the row has this size."""
    job = await row(database, job_id) | {name: {"text": ""}}
    job[name]["text"] = "x" * (size - len(bson.encode(job)))
    await database.collection(Job).replace_one({"_id": job_id}, job)


async def _poison(database: Database, name: str) -> ObjectId:
    job_id = await owe(database)
    await database.collection(Job).update_one({"_id": job_id}, {"$set": {name: POISONS[name]}})
    return job_id


async def _queue(database: Database, name: str) -> tuple[list[ObjectId], ObjectId]:
    """Twenty healthy jobs, all due, and one in the midst of them that nobody can claim."""
    await indexes.create(database)
    healthy = [await owe(database) for _ in range(20)]
    poison = await _poison(database, name)
    for place, job_id in enumerate([*healthy[:10], poison, *healthy[10:]]):
        await set_due(database, job_id, -100 + place)
    return healthy, poison


@pytest.mark.parametrize("name", POISONS)
async def test_a_row_that_cannot_be_claimed_is_closed_and_the_others_are_claimed(database: Database, name: str) -> None:
    healthy, poison = await _queue(database, name)
    with capture_logs() as logs:
        claims, more = await service.claim_many(database, "worker-1", 50)
    assert ({claim.id for claim in claims}, len(claims), more) == (set(healthy), 20, False)
    assert {claim.attempt for claim in claims} == {1}
    assert await service.renew(database, claims) == []
    job = await row(database, poison)
    assert (job["status"], job["token"], "due" in job) == ("FAILED", None, False)
    (attempt,) = job["attempts"]
    assert (attempt["number"], attempt["worker"], attempt["error"]) == (1, "worker-1", "UNREADABLE")
    assert attempt["detail"]
    assert job["finished_at"] == attempt["finished_at"] is not None
    assert [(line["log_level"], line["job"], line["error"]) for line in logs] == [("error", str(poison), "UNREADABLE")]


@pytest.mark.parametrize("name", POISONS)
async def test_a_job_whose_row_cannot_be_claimed_is_closed_by_who_was_told_of_it(database: Database, name: str) -> None:
    healthy, poison = await _queue(database, name)
    assert await service.claim(database, "worker-1", poison) is None
    job = await row(database, poison)
    assert (job["status"], job["attempts"][0]["error"], "due" in job) == ("FAILED", "UNREADABLE", False)
    assert {(await row(database, job_id))["status"] for job_id in healthy} == {"QUEUED"}


async def test_who_takes_any_job_comes_past_one_that_cannot_be_claimed(database: Database) -> None:
    healthy, poison = await _queue(database, "attempts")
    await set_due(database, poison, -200)
    assert await service.claim(database, "worker-1") is None
    claim = await service.claim(database, "worker-1")
    assert claim is not None
    assert claim.id == healthy[0]


@pytest.mark.parametrize("size", [MOST - 20, envelope.MOST_BYTES + 1], ids=["the attempt", "its outcome"])
async def test_a_row_that_may_have_no_room_is_closed_without_its_payload(roomy: Database, size: int) -> None:
    large, sound = await owe(roomy), await owe(roomy)
    await _fill(roomy, large, "payload", size)
    claims, _ = await service.claim_many(roomy, "worker-1", 50)
    assert [claim.id for claim in claims] == [sound]
    job = await row(roomy, large)
    assert (job["status"], job["token"], job["payload"], "due" in job) == ("FAILED", None, {}, False)
    (attempt,) = job["attempts"]
    assert attempt["error"] == "UNREADABLE"
    assert re.fullmatch(r"the row has [\d,]{9,10} bytes", attempt["detail"])


async def test_a_row_without_room_for_a_word_is_closed_without_one(roomy: Database) -> None:
    full, sound = await owe(roomy), await owe(roomy)
    await _fill(roomy, full, "other", MOST)
    claims, _ = await service.claim_many(roomy, "worker-1", 50)
    assert [claim.id for claim in claims] == [sound]
    job = await row(roomy, full)
    assert (job["status"], job["token"], job["attempts"], "due" in job) == ("FAILED", None, [], False)


async def test_a_large_row_with_room_for_all_there_is_to_say_is_claimed(roomy: Database) -> None:
    job_id = await owe(roomy)
    await _fill(roomy, job_id, "payload", envelope.MOST_BYTES - 1_000)
    assert await service.claim(roomy, "worker-1", job_id)


async def test_the_attempts_before_stay_on_record(database: Database) -> None:
    job_id = await owe(database)
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    await set_due(database, job_id)
    await database.collection(Job).update_one({"_id": job_id}, {"$set": {"counted": "x"}})
    assert await service.claim(database, "worker-2", job_id) is None
    job = await row(database, job_id)
    assert [(attempt["number"], attempt["worker"]) for attempt in job["attempts"]] == [(1, "worker-1"), (2, "worker-2")]
    assert job["attempt_count"] == 2


async def _refuse(database: Database, *exceptions: Document) -> None:
    """Have MongoDB itself take no claim: whatever the row, but for these."""
    raw: Any = database.client[database.engine.database_name]
    validator = {"$or": [{"status": {"$ne": "RUNNING"}}, *exceptions]}
    await raw.command("collMod", Job.__collection__, validator=validator)


async def test_when_mongodb_takes_no_claim_at_all_no_job_is_closed(database: Database) -> None:
    await indexes.create(database)
    ids = [await owe(database) for _ in range(3)]
    before = [await row(database, job_id) for job_id in ids]
    await _refuse(database)
    with pytest.raises(OperationFailure):
        await service.claim_many(database, "worker-1", 50)
    with pytest.raises(OperationFailure):
        await service.claim(database, "worker-1", ids[0])
    assert [await row(database, job_id) for job_id in ids] == before


async def test_a_claim_that_mongodb_refuses_for_a_reason_of_its_own_keeps_no_other_waiting(database: Database) -> None:
    await indexes.create(database)
    refused, sound = await owe(database), await owe(database)
    await set_due(database, refused, -100)
    await _refuse(database, {"_id": sound})
    before = await row(database, refused)
    with capture_logs() as logs:
        claims, _ = await service.claim_many(database, "worker-1", 50)
    assert [claim.id for claim in claims] == [sound]
    assert await row(database, refused) == before
    assert [(line["log_level"], line["job"]) for line in logs] == [("error", str(refused))]


async def test_a_row_that_several_cannot_claim_at_once_is_closed_once(database: Database) -> None:
    healthy, poison = await _queue(database, "attempts")
    with capture_logs() as logs:
        taken = await asyncio.gather(*(service.claim_many(database, f"worker-{number}", 50) for number in range(5)))
    assert sorted(claim.id for claims, _ in taken for claim in claims) == sorted(healthy)
    assert [line["job"] for line in logs] == [str(poison)]
    assert len((await row(database, poison))["attempts"]) == 1
