"""Owing a job, and taking it. `claim` is the only way in; `schema.jobs.outcomes` need the token it gave."""

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from odmantic import ObjectId
from pymongo.errors import DuplicateKeyError

from schema.access import Permission, Viewer
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs import envelope
from schema.jobs.messages import Message
from schema.jobs.model import Job, JobStatus
from schema.jobs.payloads import storable
from schema.jobs.taking import Taking
from schema.times import utc_now
from settings.tracing import traceparent

LEASE = timedelta(seconds=15)
"""How long a claim holds unless it is renewed: a dead worker's jobs are taken over after this."""

MOST_ATTEMPTS = 100
"""How many attempts a row keeps: the last ones. An outage may have many."""

VISIBLE_BY = frozenset({"owner_id", "watchable"})
"""What `is_visible` looks at."""


@dataclass(slots=True)
class Claim:
    """A job in the hands of one worker: its row as it was claimed, and the token that fences others off.

    `certain_until` is up to when, by this machine's monotonic clock, nobody else can have the job. `is_past_recall`:
    what cannot be taken back may have been done, so that nobody else should begin it before this lease has ended.
    """

    job: Document
    token: str
    certain_until: float = 0
    is_past_recall: bool = False

    @property
    def id(self) -> ObjectId:
        """The job's id."""
        return ObjectId(self.job["_id"])

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return int(self.job["attempt_count"])

    @property
    def counted(self) -> int:
        """How many attempts count, this one too: since the last `jobRetry`, and without outages."""
        return int(self.job["counted"])


def is_visible(job: Document, viewer: Viewer | None) -> bool:
    """To its owner, to administrators, and to whoever is not signed in and owed it, by the id alone."""
    if viewer is None:
        return bool(job.get("watchable"))
    return job.get("owner_id") == viewer.id or viewer.may(Permission.JOBS_READ)


async def owe(  # noqa: PLR0913  (what is owed, and by name how)
    context: Context,
    transaction: Transaction,
    message: Message,
    owner_id: ObjectId | None = None,
    *,
    dedupe_key: str | None = None,
    due: datetime | None = None,
) -> Document:
    """Commit a job together with the change that owes it; the workers are told after the commit. Answers its row.

    It runs at once, or when it is `due`. With a `dedupe_key` that a job has already, it is that one's row that is
    answered, and nothing more is owed. MessageTooLargeError: no row should hold the message.
    """
    if dedupe_key and (owed := await _find_owed(transaction, dedupe_key)):
        return owed
    job = _job(message, context.request_id, owner_id, dedupe_key, due)
    job.watchable = context.viewer is None
    row = job.model_dump_doc()
    await transaction.database.collection(Job).insert_one(row, session=transaction.session)
    transaction.after_commit(partial(context.ring, job.id))
    return row


async def owe_many_once(
    transaction: Transaction, request_id: str, messages: Mapping[str, Message], owner_id: ObjectId | None = None
) -> int:
    """Commit what a job owes in its turn, for the request that owed that job; the sweep finds it. How many they are.

    The messages come by their dedupe keys: what is owed already, by its key, is not owed again.
    """
    jobs = transaction.database.collection(Job)
    named = {"dedupe_key": {"$in": list(messages), "$type": "string"}}
    found = jobs.find(named, {"dedupe_key": 1}, hint="dedupe_key", session=transaction.session)
    owed = {job["dedupe_key"] for job in await found.to_list()}
    missing = {key: message for key, message in messages.items() if key not in owed}
    rows = [_job(each, request_id, owner_id, key).model_dump_doc() for key, each in missing.items()]
    if rows:  # in one call: ODMantic would make one for each
        await jobs.insert_many(rows, session=transaction.session)
    return len(rows)


async def owe_once(database: Database, message: Message, dedupe_key: str) -> bool:
    """Owe what no request asked for, like a tick of the clock. False: it is owed already, by this key."""
    job = _job(message, f"cron-{uuid.uuid4().hex}", dedupe_key=dedupe_key)
    try:
        await database.collection(Job).insert_one(job.model_dump_doc())
    except DuplicateKeyError:
        return False
    return True


def _job(
    message: Message,
    request_id: str,
    owner_id: ObjectId | None = None,
    dedupe_key: str | None = None,
    due: datetime | None = None,
) -> Job:
    return Job(
        kind=message.kind.value,
        payload=storable(message),
        recipient=message.recipient,
        request_id=request_id,
        traceparent=traceparent(),
        owner_id=owner_id,
        dedupe_key=dedupe_key,
        bulk=message.bulk,
        due=due or utc_now(),
    )


async def _find_owed(transaction: Transaction, dedupe_key: str) -> Document | None:
    # the index has nothing but strings: it serves only a query that says so
    named = {"dedupe_key": {"$eq": dedupe_key, "$type": "string"}}
    return await transaction.database.collection(Job).find_one(named, hint="dedupe_key", session=transaction.session)


async def claim(database: Database, worker: str, job_id: ObjectId | None = None) -> Claim | None:
    """Take a due job (the given one, else the first in order) for the length of a lease; None if none is due."""
    certain_until, taking = _certain_until(), _taking(database, worker)
    claims = [Claim(job, taking.token, certain_until) for job in await taking.one(job_id)]
    return claims[0] if claims else None


async def claim_many(
    database: Database, worker: str, most: int, *, takes_over: bool = True, running: Collection[ObjectId] = ()
) -> tuple[list[Claim], bool]:
    """Take up to so many due jobs, and say whether there may be more: those due longest, what is bulk last.

    One look when there is none, else three calls. Those that another worker takes at the same time are its; what
    another holds whose lease has ended is left to it, unless this one `takes_over`. What is `running` here goes on as
    it is, even if its lease has ended. What nobody can read is closed.
    """
    certain_until, taking = _certain_until(), _taking(database, worker)
    also: Document = {} if takes_over else {"status": JobStatus.QUEUED.value}
    ids = await taking.first_due(most, also | ({"_id": {"$nin": list(running)}} if running else {}))
    if not ids:
        return [], False
    return [Claim(job, taking.token, certain_until) for job in await taking.many(ids)], len(ids) == most


def _taking(database: Database, worker: str) -> Taking:
    token, now = uuid.uuid4().hex, utc_now()
    return Taking(envelope.collection(database), worker, token, now, _taken(token, worker, now))


def _certain_until() -> float:
    return time.monotonic() + LEASE.total_seconds()


def _taken(token: str, worker: str, now: datetime) -> list[Document]:
    """The number of attempts is counted here, not when one ends: so a job that kills its worker comes to an end."""
    number: Document = {"$add": ["$attempt_count", 1]}
    attempts = {"$concatArrays": ["$attempts", [{"number": number, "worker": worker, "started_at": now}]]}
    taken = {
        "status": JobStatus.RUNNING.value,
        "token": token,
        "due": now + LEASE,
        "attempt_count": number,
        "counted": {"$add": ["$counted", 1]},
        "attempts": {"$slice": [attempts, -MOST_ATTEMPTS]},
    }
    return [{"$set": taken}]


async def renew(database: Database, claims: Sequence[Claim]) -> list[Claim]:
    """Let these claims hold for another lease. Answers those that do not hold: others have their jobs."""
    certain_until = _certain_until()
    tokens = list({claim.token for claim in claims})
    held: Document = {"_id": {"$in": [claim.id for claim in claims]}, "token": {"$in": tokens}}
    renewed = await database.collection(Job).update_many(held, {"$set": {"due": utc_now() + LEASE}})
    lost = [] if renewed.matched_count == len(claims) else await _lost(database, claims)
    for claim in claims:
        if claim not in lost:
            claim.certain_until = certain_until
    return lost


async def _lost(database: Database, claims: Sequence[Claim]) -> list[Claim]:
    rows = database.collection(Job).find({"_id": {"$in": [claim.id for claim in claims]}}, {"token": 1})
    tokens = {job["_id"]: job.get("token") async for job in rows}
    return [claim for claim in claims if tokens.get(claim.id) != claim.token]


async def holds(database: Database, claim: Claim) -> bool:
    """Whether the claim still holds, asked just before what cannot be taken back: a stalled worker finds out here."""
    while time.monotonic() >= claim.certain_until:  # again, if it stalled over the answer
        if await renew(database, [claim]):
            return False
    claim.is_past_recall = True
    return True


async def report_progress(database: Database, claim: Claim, done: int, total: int, word: str) -> bool:
    """Show how far a job has got. False: the claim no longer holds, another worker has the job."""
    held = {"_id": claim.id, "token": claim.token}
    progress = {"done": done, "total": total, "word": word}
    return (await database.collection(Job).update_one(held, {"$set": {"progress": progress}})).matched_count == 1
