"""How a claimed job went on: who holds the claim may say so, again and again until MongoDB has taken it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateOne

from schema.database import Database
from schema.engine import Document
from schema.jobs.model import Job, JobStatus
from schema.jobs.service import Claim
from schema.times import utc_now

OUTAGES = frozenset({"SMTP_UNREACHABLE"})
"""Errors that say nothing of the job: it is tried until they end."""

STOPPED = "WORKER_STOPPED"
"""The error of an attempt whose worker was told to end, and that others begin anew."""

_UNCOUNTED = OUTAGES | {STOPPED}

DETAIL_LENGTH = 2_000
"""Characters of an error's text that are kept with the attempt; the log has all of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: what is to be written of it, and the code of its error."""

    claim: Claim
    update: Document
    error: str | None


def succeeded(claim: Claim) -> Outcome:
    """The outcome of an attempt that did what was owed."""
    return _closed(claim, JobStatus.SUCCEEDED, None, None)


def failed(claim: Claim, error: str, detail: str) -> Outcome:
    """The outcome of an attempt after which there is no other."""
    return _closed(claim, JobStatus.FAILED, error, detail)


def again(claim: Claim, due: datetime, error: str, detail: str) -> Outcome:
    """The outcome of an attempt that failed, where the next is due then."""
    changes = {"status": JobStatus.QUEUED.value, "due": due, "token": None}
    update: Document = {"$set": changes | _ended(utc_now(), error, detail)}
    return Outcome(claim, update | ({"$inc": {"counted": -1}} if error in _UNCOUNTED else {}), error)


def handed_back(claim: Claim) -> Outcome:
    """The outcome of an attempt that was cut off before it had done anything for good: due at once, for any worker."""
    return again(claim, utc_now(), STOPPED, "its worker was told to end")


def _closed(claim: Claim, status: JobStatus, error: str | None, detail: str | None) -> Outcome:
    now = utc_now()
    changes = {"status": status.value, "finished_at": now, "token": None} | _ended(now, error, detail)
    return Outcome(claim, {"$set": changes, "$unset": {"due": ""}}, error)


def _ended(now: datetime, error: str | None, detail: str | None) -> Document:
    detail = detail and _storable(detail)
    return {"attempts.$.finished_at": now, "attempts.$.error": error, "attempts.$.detail": detail}


def _storable(detail: str) -> str:
    """The text as MongoDB takes it: a mail server's answer in another encoding comes with lone surrogates."""
    return detail[:DETAIL_LENGTH].encode(errors="replace").decode()


async def record(database: Database, outcomes: Sequence[Outcome]) -> list[bool]:
    """Write outcomes, all in one call. For each: whether it stands there, be it from an earlier call."""
    writes = [UpdateOne(_held(outcome.claim), outcome.update) for outcome in outcomes]
    result = await database.collection(Job).bulk_write(writes, ordered=False)
    if result.matched_count == len(outcomes):
        return [True] * len(outcomes)
    return await _recorded(database, outcomes)


def _held(claim: Claim) -> Document:
    return {"_id": claim.id, "token": claim.token, "attempts.number": claim.attempt}


async def _recorded(database: Database, outcomes: Sequence[Outcome]) -> list[bool]:
    """Looked up: only who held the job has ended its attempt, and no two attempts of a job have the same number."""
    ids = {"_id": {"$in": [outcome.claim.id for outcome in outcomes]}}
    rows = {job["_id"]: job["attempts"] async for job in database.collection(Job).find(ids, {"attempts": 1})}
    return [_stands(outcome, rows.get(outcome.claim.id, [])) for outcome in outcomes]


def _stands(outcome: Outcome, attempts: list[Document]) -> bool:
    return any(
        attempt["number"] == outcome.claim.attempt
        and attempt.get("finished_at") is not None
        and attempt.get("error") == outcome.error
        for attempt in attempts
    )
