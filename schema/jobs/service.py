"""What may be done to a job. `claim` is the only way in; `finish` and `fail` need the token it gave."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from odmantic import ObjectId
from pymongo import DESCENDING, ReturnDocument

from schema import pages
from schema.access import Permission, Viewer
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs.messages import Email
from schema.jobs.model import Job, JobStatus
from schema.pages import Page, PageArguments, Sort
from schema.times import utc_now

LEASE = timedelta(seconds=15)
"""How long a claim holds unless it is renewed: a dead worker's jobs are taken over after this."""

OUTAGES = frozenset({"SMTP_UNREACHABLE"})
"""Errors that say nothing of the job: it is tried until they end."""

DETAIL_LENGTH = 2_000
"""Characters of an error's text that are kept with the attempt; the log has all of it."""

NEWEST = Sort("newest", (("created_at", DESCENDING), ("_id", DESCENDING)), index="owner_newest", is_never_null=True)

VISIBLE_BY = frozenset({"owner_id", "watchable"})
"""What `is_visible` looks at."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker: its row as it was claimed, and the token that fences others off."""

    job: Document
    token: str

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
        """How many attempts count, this one too: an outage of the server a job needs uses none up."""
        return sum(attempt.get("error") not in OUTAGES for attempt in self.job["attempts"])


def is_visible(job: Document, viewer: Viewer | None) -> bool:
    """To its owner, to administrators, and to whoever is not signed in and owed it, by the id alone."""
    if viewer is None:
        return bool(job.get("watchable"))
    return job.get("owner_id") == viewer.id or viewer.may(Permission.JOBS_READ)


async def find_page(database: Database, viewer: Viewer, page: PageArguments) -> Page:
    """The jobs the viewer owns, the newest first."""
    return await pages.find(database.collection(Job), {"owner_id": viewer.id}, NEWEST, page)


async def owe(context: Context, transaction: Transaction, message: Email, owner_id: ObjectId | None = None) -> Document:
    """Commit a job together with the change that owes it; the workers are told after the commit. Answers its row."""
    job = Job(
        kind=message.kind.value,
        payload=message.model_dump(mode="json"),
        recipient=message.to,
        request_id=context.request_id,
        owner_id=owner_id,
        watchable=context.viewer is None,
    )
    await transaction.save(job)
    transaction.after_commit(partial(context.ring, job.id))
    return job.model_dump_doc()


async def claim(database: Database, worker: str, job_id: ObjectId | None = None) -> Claim | None:
    """Take a due job (the given one, else the one due longest) for the length of a lease; None if none is due."""
    token, now = uuid.uuid4().hex, utc_now()
    due: Document = {"due": {"$lte": now}} | ({"_id": job_id} if job_id else {})
    job = await database.collection(Job).find_one_and_update(
        due, _taken(token, worker, now), sort=[("due", 1)], return_document=ReturnDocument.AFTER
    )
    return Claim(job, token) if job else None


def _taken(token: str, worker: str, now: datetime) -> list[Document]:
    attempt = {"number": {"$add": ["$attempt_count", 1]}, "worker": worker, "started_at": now}
    taken = {
        "status": JobStatus.RUNNING.value,
        "token": token,
        "due": now + LEASE,
        "attempt_count": {"$add": ["$attempt_count", 1]},
        "attempts": {"$concatArrays": ["$attempts", [attempt]]},
    }
    return [{"$set": taken}]


async def renew(database: Database, claims: Collection[Claim]) -> None:
    """Let these claims hold for another lease, those that still hold."""
    held = {"_id": {"$in": [claim.id for claim in claims]}, "token": {"$in": [claim.token for claim in claims]}}
    await database.collection(Job).update_many(held, {"$set": {"due": utc_now() + LEASE}})


async def finish(database: Database, claim: Claim) -> bool:
    """The job is done. False: the claim no longer holds, another worker has the job."""
    return await _close(database, claim, JobStatus.SUCCEEDED, None)


async def fail(database: Database, claim: Claim, error: str, detail: str) -> bool:
    """The job will never succeed by itself. False: the claim no longer holds."""
    return await _close(database, claim, JobStatus.FAILED, (error, detail))


async def retry_at(database: Database, claim: Claim, due: datetime, error: str, detail: str) -> bool:
    """This attempt failed, the next is due then. False: the claim no longer holds."""
    changes = {"status": JobStatus.QUEUED.value, "due": due, "token": None}
    return await _end_attempt(database, claim, {"$set": changes | _outcome(utc_now(), (error, detail))})


async def _close(database: Database, claim: Claim, status: JobStatus, error: tuple[str, str] | None) -> bool:
    now = utc_now()
    changes = {"status": status.value, "finished_at": now, "token": None} | _outcome(now, error)
    return await _end_attempt(database, claim, {"$set": changes, "$unset": {"due": ""}})


def _outcome(now: datetime, error: tuple[str, str] | None) -> Document:
    code, detail = (error[0], _storable(error[1])) if error else (None, None)
    return {"attempts.$.finished_at": now, "attempts.$.error": code, "attempts.$.detail": detail}


def _storable(detail: str) -> str:
    """The text as MongoDB takes it: a mail server's answer in another encoding comes with lone surrogates."""
    return detail[:DETAIL_LENGTH].encode(errors="replace").decode()


async def _end_attempt(database: Database, claim: Claim, update: Document) -> bool:
    held = {"_id": claim.id, "token": claim.token, "attempts.number": claim.attempt}
    return (await database.collection(Job).update_one(held, update)).matched_count == 1
