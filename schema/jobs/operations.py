"""What people do with jobs: look them up, have one run again, and cancel one that has not begun."""

from functools import partial

from odmantic import ObjectId
from pymongo import DESCENDING, ReturnDocument

from schema import pages
from schema.access import Permission, Viewer, whose
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.jobs.model import Job, JobFilter, JobStatus
from schema.pages import Page, PageArguments, Sort
from schema.times import utc_now

_LEADS = ("request_id", "recipient", "owner_id", "status", "kind")
"""The keys there are indexes for, the most selective first: the first that is asked for leads, others are looked at."""


async def find_page(database: Database, viewer: Viewer, wanted: JobFilter, page: PageArguments) -> Page:
    """The jobs that fit, the newest first: the viewer's own, or anybody's for who may read jobs."""
    owner_id = whose(viewer, wanted.owner_id, Permission.JOBS_READ, "another user's jobs")
    return await _find_page(database, wanted.model_copy(update={"owner_id": owner_id}), page)


async def find_own_page(database: Database, viewer: Viewer, page: PageArguments) -> Page:
    """The jobs the viewer owns, the newest first."""
    return await _find_page(database, JobFilter(owner_id=viewer.id), page)


async def _find_page(database: Database, wanted: JobFilter, page: PageArguments) -> Page:
    """Walks along an index in the order of the list, whatever is asked for."""
    equal: Document = {key: value for key in _LEADS if (value := getattr(wanted, key)) is not None}
    newest = (("created_at", DESCENDING), ("_id", DESCENDING))
    sort = Sort("newest", newest, index=_index(equal), is_never_null=True)
    return await pages.find(database.collection(Job), equal | _created(wanted), sort, page)


def _index(equal: Document) -> str:
    if equal.keys() == {"status", "kind"}:
        return "status_kind_newest"
    return "_".join([*list(equal)[:1], "newest"])


def _created(wanted: JobFilter) -> Document:
    limits = {"$gte": wanted.created_at.gte, "$lte": wanted.created_at.lte} if wanted.created_at else {}
    limits = {operator: time for operator, time in limits.items() if time is not None}
    return {"created_at": limits} if limits else {}


async def retry(context: Context, job_id: ObjectId) -> Document:
    """Have a job that failed or was cancelled run again, at once, with as many attempts as a new one."""
    again = {
        "status": JobStatus.QUEUED.value,
        "due": utc_now(),
        "counted": 0,
        "attempts_before": "$attempt_count",
        "finished_at": None,
    }

    async def work(transaction: Transaction) -> Document:
        job = await _change(transaction, job_id, [JobStatus.FAILED, JobStatus.CANCELLED], [{"$set": again}])
        transaction.after_commit(partial(context.ring, job_id))
        return job

    return await context.in_transaction(work)


async def cancel(context: Context, job_id: ObjectId) -> Document:
    """Have a job that waits never run. One that runs goes on: what it has sent nobody can take back."""
    over: Document = {
        "$set": {"status": JobStatus.CANCELLED.value, "finished_at": utc_now()},
        "$unset": {"due": ""},
    }

    async def work(transaction: Transaction) -> Document:
        return await _change(transaction, job_id, [JobStatus.QUEUED], over)

    return await context.in_transaction(work)


async def _change(
    transaction: Transaction, job_id: ObjectId, before: list[JobStatus], change: Document | list[Document]
) -> Document:
    """The job, changed, if it stands so. A worker that claims it at the same time comes first, or finds it changed."""
    jobs, session = transaction.database.collection(Job), transaction.session
    changeable = {"_id": job_id, "status": {"$in": [status.value for status in before]}}
    job: Document | None = await jobs.find_one_and_update(
        changeable, change, return_document=ReturnDocument.AFTER, session=session
    )
    if job is None:
        raise InvalidInput([_refusal(await jobs.find_one({"_id": job_id}, {"status": 1}, session=session))])
    return job


def _refusal(job: Document | None) -> Fault:
    if job is None:
        return Fault(("id",), "There is no such job.", UserErrorCode.NOT_FOUND)
    return Fault(("id",), f"The job is {job['status']}.", UserErrorCode.NOT_ALLOWED)
