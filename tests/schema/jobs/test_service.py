import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial, reduce
from operator import and_, or_
from typing import Any

import pytest
from odmantic import ObjectId

from schema import indexes
from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs import outcomes, service
from schema.jobs.model import Job, unguessable_id
from schema.jobs.service import LEASE, Claim
from schema.system import service as system
from schema.times import utc_now
from tests.support import endings
from tests.support.jobs import ANNOUNCED, WELCOME, context, owe, row, set_due

pytestmark = pytest.mark.anyio


class _WorkError(Exception):
    pass


async def _claimed(database: Database, job_id: ObjectId | None = None, worker: str = "worker-1") -> Claim:
    claim = await service.claim(database, worker, job_id)
    assert claim is not None
    return claim


async def _taken_over(database: Database) -> tuple[Claim, Claim]:
    """A claim whose lease ended, and the one another worker has since."""
    job_id = await owe(database)
    old = await _claimed(database)
    await set_due(database, job_id)
    return old, await _claimed(database, worker="worker-2")


async def test_a_job_is_committed_with_what_owes_it(database: Database) -> None:
    job_id = await owe(database)
    job = await row(database, job_id)
    assert (job["kind"], job["status"], job["attempts"]) == ("SIGN_UP_EMAIL", "QUEUED", [])
    assert (job["payload"], job["recipient"]) == (WELCOME.model_dump(), "ada@example.com")
    assert job["request_id"] == "request-1"
    assert job["due"] <= utc_now()


async def test_a_job_goes_with_the_transaction_that_fails(database: Database) -> None:
    rung: list[ObjectId] = []

    async def work(transaction: Transaction) -> None:
        await service.owe(context(database, rung.append), transaction, WELCOME)
        raise _WorkError

    with pytest.raises(_WorkError):
        await database.in_transaction(work)
    assert await database.collection(Job).count_documents({}) == 0
    assert rung == []


async def test_workers_are_told_of_a_job_once_it_is_committed(database: Database) -> None:
    rung: list[ObjectId] = []

    async def work(transaction: Transaction) -> Document:
        job = await service.owe(context(database, rung.append), transaction, WELCOME)
        assert rung == []
        return job

    job = await database.in_transaction(work)
    assert rung == [job["_id"]]


async def test_a_claim_takes_what_is_due_longest_and_nothing_else(database: Database) -> None:
    later, longest, due = [await owe(database) for _ in range(3)]
    await set_due(database, later, 60)
    await set_due(database, longest, -60)
    claims = [await service.claim(database, "worker-1") for _ in range(3)]
    assert [claim and claim.id for claim in claims] == [longest, due, None]


async def test_a_job_is_claimed_by_its_id_only_if_it_is_due(database: Database) -> None:
    other, job_id = [await owe(database) for _ in range(2)]
    await set_due(database, other, -60)
    await set_due(database, job_id, 60)
    assert await service.claim(database, "worker-1", job_id) is None
    await set_due(database, job_id)
    assert (await _claimed(database, job_id)).id == job_id
    assert await service.claim(database, "worker-1", ObjectId()) is None


async def test_no_two_claimers_get_the_same_job(database: Database) -> None:
    owed = {await owe(database) for _ in range(5)}
    claims = await asyncio.gather(*(service.claim(database, f"worker-{number}") for number in range(20)))
    assert Counter(claim.id for claim in claims if claim) == Counter(owed)


async def test_no_two_claimers_get_the_job_they_were_both_told_of(database: Database) -> None:
    job_id = await owe(database)
    claims = await asyncio.gather(*(service.claim(database, f"worker-{number}", job_id) for number in range(20)))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_claim_is_recorded_as_an_attempt(database: Database) -> None:
    job_id = await owe(database)
    before = utc_now().replace(microsecond=0)
    claim = await _claimed(database)
    job = await row(database, job_id)
    assert (claim.id, claim.attempt, claim.token) == (job_id, 1, job["token"])
    assert (job["status"], job["attempt_count"]) == ("RUNNING", 1)
    (attempt,) = job["attempts"]
    assert (attempt["number"], attempt["worker"]) == (1, "worker-1")
    assert before <= attempt["started_at"] <= utc_now()
    assert job["due"] == attempt["started_at"] + LEASE


async def test_a_job_that_runs_is_due_again_when_its_lease_ends(database: Database) -> None:
    job_id = await owe(database)
    first = await _claimed(database)
    assert await service.claim(database, "worker-2") is None
    await set_due(database, job_id)
    second = await _claimed(database, worker="worker-2")
    assert (second.id, second.attempt) == (job_id, 2)
    assert second.token != first.token
    attempts = (await row(database, job_id))["attempts"]
    assert [(attempt["number"], attempt["worker"]) for attempt in attempts] == [(1, "worker-1"), (2, "worker-2")]
    assert "finished_at" not in attempts[0]


async def test_renewing_prolongs_the_leases_that_hold_and_no_other(database: Database) -> None:
    old, new = await _taken_over(database)
    queued = await owe(database)
    await set_due(database, new.id, 1)
    await set_due(database, queued, 1)
    await service.renew(database, [old])
    assert (await row(database, new.id))["due"] < utc_now() + timedelta(seconds=2)
    await service.renew(database, [old, new])
    assert (await row(database, new.id))["due"] > utc_now() + LEASE / 2
    assert (await row(database, queued))["due"] < utc_now() + timedelta(seconds=2)


async def test_renewing_says_which_claims_are_lost(database: Database) -> None:
    old, new = await _taken_over(database)
    await owe(database)
    held = await _claimed(database)
    assert await service.renew(database, [held, old, new]) == [old]
    assert await service.renew(database, [held, new]) == []


async def test_a_claim_past_its_lease_asks_whether_it_holds(database: Database) -> None:
    old, new = await _taken_over(database)
    old.certain_until = new.certain_until = 0
    assert not await service.holds(database, old)
    assert await service.holds(database, new)
    assert new.certain_until > 0


async def test_many_are_claimed_at_once_those_due_longest_and_no_more_than_asked(database: Database) -> None:
    await indexes.create(database)
    ids = [await owe(database) for _ in range(5)]
    for place, job_id in enumerate(ids[:4]):
        await set_due(database, job_id, -10 + place)
    await set_due(database, ids[4], 60)
    first, more = await service.claim_many(database, "worker-1", 3)
    assert ({claim.id for claim in first}, more) == (set(ids[:3]), True)
    rest, more = await service.claim_many(database, "worker-1", 3)
    assert ([claim.id for claim in rest], more) == ([ids[3]], False)
    assert await service.claim_many(database, "worker-1", 3) == ([], False)
    assert {claim.attempt for claim in first} == {1}
    assert await service.renew(database, first) == []


async def test_no_two_claimers_of_many_get_the_same_job(database: Database) -> None:
    await indexes.create(database)
    owed = {await owe(database) for _ in range(10)}
    taken = await asyncio.gather(*(service.claim_many(database, f"worker-{number}", 10) for number in range(8)))
    assert Counter(claim.id for claims, _ in taken for claim in claims) == Counter(owed)


async def test_a_finished_job_is_over(database: Database) -> None:
    job_id = await owe(database)
    assert await endings.finish(database, await _claimed(database))
    job = await row(database, job_id)
    assert (job["status"], job["token"]) == ("SUCCEEDED", None)
    assert job["finished_at"] == job["attempts"][0]["finished_at"] >= job["attempts"][0]["started_at"]
    assert (job["attempts"][0]["error"], job["attempts"][0]["detail"]) == (None, None)
    assert "due" not in job


async def test_a_failed_job_is_over_and_says_why(database: Database) -> None:
    job_id = await owe(database)
    assert await endings.fail(database, await _claimed(database), "SMTP_550", "No such user")
    job = await row(database, job_id)
    assert (job["status"], job["token"]) == ("FAILED", None)
    assert job["finished_at"] == job["attempts"][0]["finished_at"]
    assert (job["attempts"][0]["error"], job["attempts"][0]["detail"]) == ("SMTP_550", "No such user")
    assert "due" not in job
    assert await service.claim(database, "worker-1", job_id) is None


async def test_a_job_to_be_tried_again_is_queued_until_then(database: Database) -> None:
    job_id, due = await owe(database), utc_now().replace(microsecond=0) + timedelta(minutes=1)
    assert await endings.retry_at(database, await _claimed(database), due, "SMTP_451", "Try again")
    job = await row(database, job_id)
    assert (job["status"], job["token"], job["due"], job["finished_at"]) == ("QUEUED", None, due, None)
    assert job["attempts"][0]["finished_at"] is not None
    assert (job["attempts"][0]["error"], job["attempts"][0]["detail"]) == ("SMTP_451", "Try again")


@pytest.mark.parametrize(
    "end",
    [
        endings.finish,
        partial(endings.fail, error="LATE", detail=""),
        partial(endings.retry_at, due=utc_now(), error="LATE", detail=""),
    ],
    ids=["finish", "fail", "retry"],
)
async def test_a_claim_that_was_lost_changes_nothing(database: Database, end: Any) -> None:  # noqa: ANN401  # three signatures
    old, new = await _taken_over(database)
    before = await row(database, new.id)
    assert not await end(database, old)
    assert await row(database, new.id) == before
    assert await endings.fail(database, new, "FIRST", "")
    assert not await end(database, new)
    assert (await row(database, new.id))["status"] == "FAILED"


async def test_only_what_is_still_to_be_done_stands_in_the_index_of_the_sweep(database: Database) -> None:
    await indexes.create(database)
    for end in (endings.finish, partial(endings.fail, error="X", detail="")):
        await owe(database)
        assert await end(database, await _claimed(database))
    queued = await owe(database)
    indexed = database.collection(Job).find({}, hint="bulk_due")  # a partial index knows no more than this
    assert [job["_id"] async for job in indexed] == [queued]


async def test_what_is_bulk_waits_for_all_else_that_is_due_also_for_what_was_owed_before_there_was_bulk(
    database: Database,
) -> None:
    await indexes.create(database)
    bulk, urgent, old, later = [await owe(database, message) for message in (ANNOUNCED, WELCOME, WELCOME, WELCOME)]
    await set_due(database, bulk, -60)
    await set_due(database, later, 60)
    await database.collection(Job).update_one({"_id": old}, {"$unset": {"bulk": ""}})
    claims, _ = await service.claim_many(database, "worker-1", 2)
    assert {claim.id for claim in claims} == {urgent, old}
    other = await owe(database)
    assert [(await _claimed(database)).id for _ in range(2)] == [other, bulk]
    assert await service.claim(database, "worker-1") is None


async def test_the_sweep_walks_to_what_is_due_past_whatever_is_not(database: Database) -> None:
    await indexes.create(database)
    due = [await owe(database, message) for message in (ANNOUNCED, ANNOUNCED, WELCOME)]
    waiting = [await owe(database, message) for message in [ANNOUNCED, WELCOME] * 30]
    await database.collection(Job).update_many(
        {"_id": {"$in": waiting}}, {"$set": {"due": utc_now() + timedelta(minutes=1)}}
    )
    raw = database.client[database.engine.database_name]
    await raw.command("profile", 2)
    assert not await system.is_neglected(database)
    assert [(await _claimed(database)).id] == due[2:]
    claims, _ = await service.claim_many(database, "worker-1", 50)
    await raw.command("profile", 0)
    assert {claim.id for claim in claims} == set(due[:2])
    steps = [step async for step in raw["system.profile"].find({"ns": {"$regex": r"\.jobs$"}})]
    swept = [step for step in steps if "bulk" in step["planSummary"]]
    assert len(swept) == 3
    assert not [step for step in swept if step.get("hasSortStage") or step["keysExamined"] > 8], swept


async def test_no_step_of_a_job_looks_through_all_jobs(database: Database) -> None:
    await indexes.create(database)
    raw = database.client[database.engine.database_name]
    await raw.command("profile", 2)
    await owe(database)
    claim = await _claimed(database)
    await service.renew(database, [claim])
    await row(database, claim.id)
    await owe(database)
    await service.claim_many(database, "worker-1", 5)
    await endings.finish(database, claim)
    await raw.command("profile", 0)
    plans = [step.get("planSummary", "") async for step in raw["system.profile"].find({"ns": {"$regex": r"\.jobs$"}})]
    assert len(plans) == 9
    assert not [plan for plan in plans if "COLLSCAN" in plan], plans


async def test_a_long_error_is_cut(database: Database) -> None:
    job_id = await owe(database)
    await endings.fail(database, await _claimed(database), "X", "é" * 5_000_000)
    assert (await row(database, job_id))["attempts"][0]["detail"] == "é" * outcomes.DETAIL_LENGTH


async def test_an_error_in_another_encoding_is_stored_all_the_same(database: Database) -> None:
    job_id = await owe(database)
    assert await endings.fail(database, await _claimed(database), "SMTP_550", "gel\udcf6scht\0")
    assert (await row(database, job_id))["attempts"][0]["detail"] == "gel?scht\0"


def test_ids_are_of_their_second_and_else_of_random_bits() -> None:
    before = utc_now().replace(microsecond=0)
    ids = [unguessable_id() for _ in range(1000)]
    assert all(before <= one.generation_time <= utc_now() for one in ids)
    tails = [int.from_bytes(one.binary[4:], "big") for one in ids]
    assert len(set(tails)) == len(ids)
    assert (reduce(or_, tails), reduce(and_, tails)) == (2**64 - 1, 0)


async def test_what_another_holds_whose_lease_has_ended_is_left_to_it_by_who_does_not_take_over(
    database: Database,
) -> None:
    await indexes.create(database)
    held, queued = await owe(database), await owe(database)
    assert await service.claim(database, "worker-1", held)
    await set_due(database, held)
    taken, _ = await service.claim_many(database, "worker-2", 10, takes_over=False)
    assert [claim.id for claim in taken] == [queued]
    taken, _ = await service.claim_many(database, "worker-2", 10)
    assert [claim.id for claim in taken] == [held]
