"""What a row must say, whatever its message, for anybody to work with it. A job whose row does not is closed."""

import contextlib
import reprlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import bson
import structlog
from bson.codec_options import DatetimeConversion
from pydantic import BaseModel, ConfigDict, Field, InstanceOf, ValidationError
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure, PyMongoError

from schema.database import Database
from schema.engine import Document
from schema.jobs.model import Job, JobStatus
from schema.times import utc_now

UNREADABLE = "UNREADABLE"
"""The error of a job that no worker can read."""

MOST_BYTES = 8 * 2**20
"""Of a row: MongoDB takes twice that, so there is room for whatever is written of an attempt. Ours are far smaller."""

_NEUTRAL: Document = {"kind": "", "payload": {}, "request_id": "", "counted": 0, "attempts_before": 0}

_Count = Annotated[int, Field(ge=0, lt=2**31)]

log = structlog.get_logger(__name__)


class _Attempt(BaseModel):
    model_config = ConfigDict(strict=True)

    number: _Count
    worker: str
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    detail: str | None = None


class _Envelope(BaseModel):
    model_config = ConfigDict(strict=True)

    id: InstanceOf[bson.ObjectId] = Field(alias="_id")
    kind: str
    payload: dict[str, Any]
    request_id: str
    attempt_count: _Count
    counted: _Count
    attempts_before: _Count
    attempts: list[_Attempt]
    created_at: datetime


def collection(database: Database) -> AsyncCollection[Document]:
    """The jobs, read whatever stands in them: what Python has no value for is none of an envelope."""
    jobs = database.collection(Job)
    options = jobs.codec_options.with_options(
        datetime_conversion=DatetimeConversion.DATETIME_AUTO, unicode_decode_error_handler="replace"
    )
    return jobs.with_options(options)


async def readable(jobs: AsyncCollection[Document], claimed: Sequence[Document], worker: str) -> list[Document]:
    """Those of the claimed rows that can be worked with; the jobs of the others are closed."""
    judged = [(job, _faults(job)) for job in claimed]
    for job, faults in judged:
        if faults:
            await _close_claimed(jobs, job, faults, worker)
    return [job for job, faults in judged if not faults]


async def close_refused(jobs: AsyncCollection[Document], job_id: object, worker: str) -> bool:
    """Close a job that MongoDB lets nobody claim, if its row is the reason. False: it is not."""
    job = await jobs.find_one({"_id": job_id, "due": {"$exists": True}})
    if job is None:
        return True
    faults = _faults(job)
    return bool(faults) and await _close(jobs, job, faults, [] if "attempts" in faults else job["attempts"], worker)


def _faults(job: Document) -> Mapping[str, str]:
    """What is wrong with which field."""
    try:
        _Envelope.model_validate(job)
    except ValidationError as error:
        return {str(fault["loc"][0]): _words(job, fault["loc"], fault["msg"]) for fault in error.errors()}
    size = len(bson.encode(job))
    return {"payload": f"the row has {size:,} bytes"} if size > MOST_BYTES else {}


def _words(job: Document, place: tuple[int | str, ...], message: str) -> str:
    value = f", not {reprlib.repr(job[place[0]])}" if place[0] in job else ""
    return f"{'.'.join(map(str, place))}: {message}{value}"


async def _close_claimed(
    jobs: AsyncCollection[Document], job: Document, faults: Mapping[str, str], worker: str
) -> None:
    """The others that were claimed with it must not wait for this."""
    earlier = [] if "attempts" in faults else job["attempts"][:-1]
    try:
        await _close(jobs, job, faults, earlier, worker)
    except PyMongoError as error:
        log.warning("mongodb is away, the lease of this job will end", job=str(job["_id"]), error=repr(error)[:200])


async def _close(
    jobs: AsyncCollection[Document], job: Document, faults: Mapping[str, str], earlier: list[Document], worker: str
) -> bool:
    """Whether the job is over, if nobody has changed its row since."""
    held, detail = {key: job.get(key) for key in ("_id", "token", "due")}, "; ".join(faults.values())
    for words in (_shown(job, faults) | _attempted(earlier, worker, detail), {}):  # there may be no room for words
        over: Document = {"$set": words | {"status": JobStatus.FAILED.value, "token": None}, "$unset": {"due": ""}}
        with contextlib.suppress(OperationFailure):
            if (await jobs.update_one(held, over)).matched_count:
                log.error("job failed", job=str(job["_id"]), error=UNREADABLE, detail=detail)
            return True
    return False


def _shown(job: Document, faults: Mapping[str, str]) -> Document:
    """Values for the fields that are not as they should be, so that the row can be shown."""
    created_at = job["_id"].generation_time if isinstance(job["_id"], bson.ObjectId) else utc_now()
    neutral = _NEUTRAL | {"created_at": created_at}
    return {key: neutral[key] for key in faults if key in neutral}


def _attempted(earlier: list[Document], worker: str, detail: str) -> Document:
    now, number = utc_now(), earlier[-1]["number"] + 1 if earlier else 1
    attempt = {"number": number, "worker": worker, "started_at": now, "finished_at": now}
    words = {"error": UNREADABLE, "detail": detail}
    return {"attempts": [*earlier, attempt | words], "attempt_count": number, "finished_at": now}
