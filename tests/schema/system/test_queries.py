from datetime import timedelta
from functools import partial

import pytest

from schema import indexes
from schema.database import Database
from schema.jobs import outcomes, service
from schema.jobs.model import Job
from schema.system import service as system
from schema.system.model import ALIVE, Worker
from schema.times import utc_now
from settings.config import Settings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.jobs import ORDERED, owe, set_due
from tests.support.profiler import watched
from tests.support.worker import ready_pids, running_worker

pytestmark = pytest.mark.anyio

STATUS = """
{ systemStatus {
    workers { id host startedAt lastSeen running concurrency }
    queue { kind queued running failed oldestAgeSeconds }
} }
"""


def _worker(worker_id: str, age: timedelta = timedelta()) -> Worker:
    now = utc_now()
    return Worker(id=worker_id, host="here", started_at=now, last_seen=now - age, running=3, concurrency=50)


async def _queue(database: Database) -> None:
    """Two letters that wait, for an hour the one, one that runs, one that failed and one that is done."""
    waits, _, runs, fails, done = [await owe(database, ORDERED) for _ in range(5)]
    since = {"$set": {"created_at": utc_now() - timedelta(hours=1)}}
    await database.collection(Job).update_one({"_id": waits}, since)
    await service.claim(database, "worker-1", runs)
    for job_id, end in ((fails, partial(outcomes.failed, error="X", detail="")), (done, outcomes.succeeded)):
        claim = await service.claim(database, "worker-1", job_id)
        assert claim is not None
        assert await outcomes.record(database, [end(claim)]) == [True]


async def test_an_administrator_sees_who_works_and_what_waits(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    await _queue(database)
    await collections["jobs"].update_one({"_id": await owe(database)}, {"$set": {"kind": "SMOKE_SIGNAL"}})
    await system.report(database, _worker("here:1"))
    await system.report(database, _worker("here:2", ALIVE * 2))
    status = (await admin.data(STATUS))["systemStatus"]
    (worker,) = status["workers"]
    assert (worker["id"], worker["host"], worker["running"], worker["concurrency"]) == ("here:1", "here", 3, 50)
    letters, unknown = status["queue"]
    assert 3600 <= letters.pop("oldestAgeSeconds") < 3700
    assert letters == {"kind": "ORDER_CONFIRMATION_EMAIL", "queued": 2, "running": 1, "failed": 1}
    assert (unknown["kind"], unknown["queued"], unknown["failed"]) == (None, 1, 0)


async def test_counting_reads_no_job(client: Client, database: Database, collections: Collections) -> None:
    admin = await administrator(client, collections)
    await _queue(database)
    async with watched(collections) as calls:
        await admin.data(STATUS)
    (counting,) = [call for call in calls if call.collection == "jobs"]
    assert (counting.name, counting.documents) == ("aggregate", 0)
    assert counting.plan.startswith("IXSCAN { status: 1, kind: 1, created_at: -1")


async def test_others_do_not_see_it(client: Client) -> None:
    assert await client.codes(STATUS) == ["UNAUTHENTICATED"]
    assert await (await client.signed_up()).codes(STATUS) == ["FORBIDDEN"]


async def test_a_worker_is_seen_from_its_start_to_its_stop(settings: Settings, database: Database) -> None:
    with running_worker(settings) as program:
        (worker,) = await system.find_workers(database)
        (pid,) = ready_pids(settings)
        assert worker["_id"].endswith(f":{pid}")
        assert (worker["running"], worker["concurrency"]) == (0, settings.worker_concurrency)
        program.stop()
    assert await system.find_workers(database) == []


async def test_jobs_are_neglected_when_they_are_due_for_long_and_nobody_works(database: Database) -> None:
    await indexes.create(database)
    later, job_id = await owe(database), await owe(database)
    await set_due(database, later, 60)
    assert not await system.is_neglected(database)
    await set_due(database, job_id, -11)
    assert await system.is_neglected(database)
    await system.report(database, _worker("here:1"))
    assert not await system.is_neglected(database)
    await system.report(database, _worker("here:1", ALIVE * 2))
    assert await system.is_neglected(database)
    await system.sign_off(database, "here:1")
    assert await system.is_neglected(database)
