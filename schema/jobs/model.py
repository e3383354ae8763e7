"""The job: a row of the outbox, written in the transaction of the change that owes it."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from odmantic import EmbeddedModel, Field, Model, ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from schema.inputs import Input, Moment, Printable
from schema.times import utc_now


class JobStatus(StrEnum):
    """Where a job stands: QUEUED and RUNNING will go on by themselves, the others are final."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


FINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})
"""From here a job goes on only if an operator retries it."""

FIRST_DUE = (("bulk", ASCENDING), ("due", ASCENDING))
"""The order in which jobs that are due are taken."""


URGENT, BULK = (None, False), (True,)
"""The values of `bulk` of what somebody waits for, and of what may wait for all else."""


def due_by(time: datetime, which: Sequence[bool | None] = (*URGENT, *BULK)) -> dict[str, Any]:
    """What was due by then. It says every value of `bulk` there is, so that MongoDB walks to what is due in each."""
    return {"bulk": {"$in": [*which]}, "due": {"$lte": time}}


_NEWEST = (("created_at", DESCENDING), ("_id", DESCENDING))


def unguessable_id() -> ObjectId:
    """An ObjectId of the current time and 64 random bits: whoever signs up may watch the letter by this id alone."""
    return ObjectId(int(time.time()).to_bytes(4, "big") + secrets.token_bytes(8))


class Attempt(EmbeddedModel):
    """One try at a job; `error` is a code for everybody, `detail` the whole text for operators."""

    number: int
    worker: str
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    detail: str | None = None


class Job(Model):
    """What is owed, and how it went.

    `due` is all that decides when a job runs: the next attempt's time while QUEUED, the lease's end while RUNNING,
    absent once the job is over. What is `bulk` waits for all else that is due; rows written before lack that, and come
    first. `token` names the claim that may finish it. Only its owner may see it, and, where it is `watchable` because
    nobody was signed in when it was owed, a client without an account that knows its id.
    `attempt_count` numbers its attempts, of which `counted` count against the limit, and `attempts_before` were before
    somebody had it run again. `progress` is {done, total, word}. No two jobs ever have the same `dedupe_key`.
    `traceparent` is where in a trace it was owed, if that was traced.
    """

    id: ObjectId = Field(primary_field=True, default_factory=unguessable_id)
    kind: str
    payload: dict[str, Any]
    recipient: str
    request_id: str
    traceparent: str | None = None
    owner_id: ObjectId | None = None
    watchable: bool = False
    dedupe_key: str | None = None
    bulk: bool = False
    status: JobStatus = JobStatus.QUEUED
    due: datetime = Field(default_factory=utc_now)
    token: str | None = None
    attempt_count: int = 0
    counted: int = 0
    attempts_before: int = 0
    progress: dict[str, Any] | None = None
    attempts: list[Attempt] = []
    created_at: datetime = Field(default_factory=utc_now)
    finished_at: datetime | None = None

    model_config = {
        "collection": "jobs",
        "indexes": lambda: [
            # partial: only what is still to be done stands in the index the workers sweep
            IndexModel([*FIRST_DUE], name="bulk_due", partialFilterExpression={"due": {"$exists": True}}),
            IndexModel(
                [("dedupe_key", ASCENDING)],
                name="dedupe_key",
                unique=True,
                partialFilterExpression={"dedupe_key": {"$type": "string"}},
            ),
            IndexModel([*_NEWEST], name="newest"),
            IndexModel([("status", ASCENDING), ("kind", ASCENDING), *_NEWEST], name="status_kind_newest"),
            *(
                IndexModel([(key, ASCENDING), *_NEWEST], name=f"{key}_newest")
                for key in ("owner_id", "status", "kind", "request_id", "recipient")
            ),
        ],
    }


class Between(Input):
    """A span of time, with both its ends."""

    gte: Moment | None = None
    lte: Moment | None = None


class JobFilter(Input):
    """Which jobs somebody looks for."""

    status: JobStatus | None = None
    kind: str | None = None
    created_at: Between | None = None
    request_id: Printable | None = None
    recipient: Printable | None = None
    owner_id: ObjectId | None = None
