"""Running jobs: claim, handle, and record how it went. The doorbell and the sweep both come in here."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from odmantic import ObjectId
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.jobs import messages, service
from schema.jobs.messages import MESSAGES, RETRY, UnknownKindError
from schema.jobs.retry import RetryPolicy
from schema.jobs.service import LEASE, Claim
from schema.times import utc_now
from settings.logging import request_scope
from tasks.errors import JobError, PermanentError, TemporaryError
from tasks.handlers import Handler

RECORD_AGAIN = 0.5
"""Seconds before the outcome of a job is written again, when MongoDB could not take it."""

log = structlog.get_logger(__name__)


class Runner:
    """Runs the jobs of this process, at most `concurrency` at once, and keeps their leases."""

    def __init__(self, database: Database, handler: Handler, concurrency: int) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self._database = database
        self._handler = handler
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self.stopping = asyncio.Event()
        self._running: dict[asyncio.Task[None], Claim] = {}

    async def take(self, job_id: ObjectId | None = None) -> bool:
        """Claim a due job (this one, else any) and run it in the background. False: none due, or stopping."""
        if self.stopping.is_set():
            return False
        await self._slots.acquire()
        claim = None
        try:
            if not self.stopping.is_set():
                claim = await service.claim(self._database, self.worker, job_id)
        finally:
            if claim is None:
                self._slots.release()
        if claim:
            self._start(claim)
        return claim is not None

    async def renew(self) -> None:
        """Let the leases of everything that runs hold on."""
        if self._running:
            await service.renew(self._database, list(self._running.values()))

    async def drain(self, seconds: float) -> None:
        """Take nothing more and let what runs finish, within this time; what is left is cut off, its leases end."""
        self.stopping.set()
        log.info("worker stopping", jobs=len(self._running))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for _ in range(self._concurrency):  # with every slot in hand nothing runs, and nothing is being claimed
                    await self._slots.acquire()
        if self._running:
            await self._cut_off()

    async def _cut_off(self) -> None:
        log.warning("jobs did not finish in time, their leases will end", jobs=len(self._running))
        left = list(self._running)
        for task in left:
            task.cancel()
        await asyncio.wait(left)

    def _start(self, claim: Claim) -> None:
        task = asyncio.create_task(self._run(claim))
        self._running[task] = claim
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        claim = self._running.pop(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()):
            log.error("a job's outcome was not recorded, its lease will end", job=str(claim.id), exc_info=error)

    async def _run(self, claim: Claim) -> None:
        with request_scope(claim.job["request_id"]):
            outcome = await self._attempt(claim)
            held = await self._record(outcome)
            if not held:
                log.warning("the claim was lost, another worker has the job", job=str(claim.id), attempt=claim.attempt)

    async def _attempt(self, claim: Claim) -> Callable[[], Awaitable[bool]]:
        facts = {"job": str(claim.id), "kind": claim.job["kind"], "attempt": claim.attempt}
        try:
            await self._handle(claim)
        except JobError as error:
            return self._failed(claim, error, facts)
        except Exception as error:  # a fault of ours fails this job alone, and is logged with its trace
            log.exception("job raised", **facts)
            return self._failed(claim, TemporaryError("INTERNAL_ERROR", repr(error)), facts)
        log.info("job succeeded", **facts)
        return partial(service.finish, self._database, claim)

    async def _handle(self, claim: Claim) -> None:
        if claim.counted > _policy(claim).attempts:
            raise PermanentError("WORKER_DIED", "every attempt ended without a word from its worker")
        try:
            message = messages.parse(claim.job["kind"], claim.job["payload"])
        except UnknownKindError as error:
            raise PermanentError("UNKNOWN_KIND", str(error)) from error
        except ValueError as error:
            raise PermanentError("UNREADABLE", str(error)) from error
        await self._handler(claim, message)

    def _failed(self, claim: Claim, error: JobError, facts: dict[str, object]) -> Callable[[], Awaitable[bool]]:
        exhausted = claim.counted >= _policy(claim).attempts and error.code not in service.OUTAGES
        if isinstance(error, PermanentError) or exhausted:
            log.error("job failed", error=error.code, detail=error.detail, **facts)
            return partial(service.fail, self._database, claim, error.code, error.detail)
        due = utc_now() + _policy(claim).delay(claim.attempt)
        log.warning("job attempt failed", error=error.code, detail=error.detail, due=due.isoformat(), **facts)
        return partial(service.retry_at, self._database, claim, due, error.code, error.detail)

    async def _record(self, outcome: Callable[[], Awaitable[bool]]) -> bool:
        """Write the outcome, again and again while the lease holds: the letter has left, the row must say so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEASE.total_seconds()):
                while True:
                    try:
                        return await outcome()
                    except PyMongoError as error:
                        log.warning("the outcome of a job could not be written yet", error=repr(error))
                        await asyncio.sleep(RECORD_AGAIN)
        return False


def _policy(claim: Claim) -> RetryPolicy:
    """The one of the job's kind."""
    message = MESSAGES.get(claim.job["kind"])
    return message.retry if message else RETRY
