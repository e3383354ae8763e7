"""Taking due rows, whatever stands among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from odmantic import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from schema.engine import Document
from schema.jobs import envelope
from schema.jobs.model import FIRST_DUE, due_by

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taking:
    """One go of a worker at what is due: `change` is made to the rows it takes, which have its `token` from then on."""

    jobs: AsyncCollection[Document]
    worker: str
    token: str
    now: datetime
    change: list[Document]

    async def one(self, job_id: ObjectId | None) -> list[Document]:
        """The row of this job, or else of the first that is due; none if it is not, or nobody can read it."""
        due, order = ({"_id": job_id, "due": {"$lte": self.now}}, None) if job_id else (due_by(self.now), FIRST_DUE)
        try:
            job = await self.jobs.find_one_and_update(
                due, self.change, sort=order, return_document=ReturnDocument.AFTER
            )
        except OperationFailure:
            return await self._each([job_id] if job_id else await self.first_due(1))
        return await envelope.readable(self.jobs, [job] if job else [], self.worker)

    async def first_due(self, most: int, also: Document | None = None) -> list[ObjectId]:
        """Up to so many ids, in order, of those that match."""
        due = due_by(self.now) | (also or {})
        first = self.jobs.find(due, {"_id": 1}, hint="bulk_due").sort(FIRST_DUE).limit(most)
        return [job["_id"] for job in await first.to_list()]

    async def many(self, ids: Sequence[ObjectId]) -> list[Document]:
        """The rows of those that are still due, and that somebody can read."""
        try:
            await self.jobs.update_many({"_id": {"$in": ids}, "due": {"$lte": self.now}}, self.change)
        except OperationFailure:
            return await self._each(ids)
        return await self._taken(ids)

    async def _each(self, ids: Sequence[ObjectId]) -> list[Document]:
        """One of them cannot be changed: its job is closed, or it would keep the others waiting again and again."""
        refused = {job_id: error for job_id in ids if (error := await self._refusal(job_id))}
        if refused and len(refused) == len(ids):  # it is MongoDB that is at fault, and no row
            raise next(iter(refused.values()))
        for job_id, error in refused.items():
            log.error("a job cannot be claimed, trying again", job=str(job_id), error=repr(error)[:200])
        return await self._taken(ids)

    async def _refusal(self, job_id: ObjectId) -> OperationFailure | None:
        try:
            await self.jobs.update_one({"_id": job_id, "due": {"$lte": self.now}}, self.change)
        except OperationFailure as error:
            return None if await envelope.close_refused(self.jobs, job_id, self.worker) else error
        return None

    async def _taken(self, ids: Sequence[ObjectId]) -> list[Document]:
        taken = await self.jobs.find({"_id": {"$in": ids}, "token": self.token}).to_list()
        return await envelope.readable(self.jobs, taken, self.worker)
