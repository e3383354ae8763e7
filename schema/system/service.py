"""Which workers live, and what waits for them."""

from collections.abc import Sequence
from datetime import timedelta

from pymongo import DESCENDING

from schema.database import Database
from schema.engine import Document
from schema.jobs.model import Job, JobStatus, due_by
from schema.system.model import ALIVE, Worker
from schema.times import utc_now

NEGLECTED = timedelta(seconds=10)
"""How long a job may be due, with no worker alive, before somebody should know."""

_COUNTED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED)


async def report(database: Database, worker: Worker) -> None:
    """A worker lives, and does so much."""
    said = worker.model_dump_doc()
    await database.collection(Worker).replace_one({"_id": said["_id"]}, said, upsert=True)


async def sign_off(database: Database, worker_id: str) -> None:
    """A worker has stopped in good order."""
    await database.collection(Worker).delete_one({"_id": worker_id})


async def find_workers(database: Database) -> list[Document]:
    """The workers that live, the last heard of first."""
    alive = {"last_seen": {"$gte": utc_now() - ALIVE}}
    return await database.collection(Worker).find(alive).sort("last_seen", DESCENDING).to_list()


async def count_queue(database: Database) -> list[Document]:
    """By kind, what waits, runs and has failed; MongoDB counts along one index and reads no job."""
    now = utc_now()
    cursor = await database.collection(Job).aggregate(_counting(), hint="status_kind_newest")
    return [_counts(counted, now.timestamp()) async for counted in cursor]


def _counting() -> list[Document]:
    statuses = [status.value for status in _COUNTED]
    group = {"kind": "$kind", "status": "$status"}
    queued = {"$eq": ["$_id.status", JobStatus.QUEUED.value]}
    counts = {
        status.lower(): {"$sum": {"$cond": [{"$eq": ["$_id.status", status]}, "$count", 0]}} for status in statuses
    }
    return [
        {"$match": {"status": {"$in": statuses}}},
        {"$group": {"_id": group, "count": {"$sum": 1}, "oldest": {"$min": "$created_at"}}},
        {"$group": {"_id": "$_id.kind", "oldest": {"$min": {"$cond": [queued, "$oldest", None]}}} | counts},
        {"$sort": {"_id": 1}},
    ]


def _counts(counted: Document, now: float) -> Document:
    oldest = counted.pop("oldest")
    age = None if oldest is None else max(0, int(now - oldest.timestamp()))
    return counted | {"kind": counted["_id"], "oldest_age_seconds": age}


async def is_neglected(database: Database, after: timedelta = NEGLECTED) -> bool:
    """Whether a job has been due for that long while no worker lives."""
    now = utc_now()
    overdue = await database.collection(Job).find_one(due_by(now - after), {"_id": 1}, hint="bulk_due")
    return overdue is not None and not await find_workers(database)


async def oldest_due_age(database: Database, which: Sequence[bool | None]) -> float:
    """For how many seconds the job of these that is due longest has been due; 0 when none is. One row is read."""
    now = utc_now()
    job = await database.collection(Job).find_one(due_by(now, which), {"due": 1}, sort={"due": 1}, hint="bulk_due")
    return (now - job["due"]).total_seconds() if job else 0.0
