"""Running jobs: claim, handle, and record how it went. The doorbell and the sweep both come in here."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager

import pymongo
import structlog
from odmantic import ObjectId
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.jobs import outcomes, service
from schema.jobs.outcomes import Outcome
from schema.jobs.service import Claim
from settings.logging import request_scope
from tasks.attempt import attempt
from tasks.contact import Contact
from tasks.handlers import Handler
from tasks.record import Recorder

GATHER_SECONDS = 0.01
"""How long the sweep waits for more free slots than one, so that it claims many jobs in one go."""

MOST_CLAIMS = 200
"""Jobs claimed in one go."""

HAND_BACK_SECONDS = 2.0
"""How long jobs may take to be cut off, and MongoDB to take them back: what is not by then, its lease ends."""

LAST_SECONDS = 1.0
"""How long what was done may still be noted, when everything is to end at once."""

LOST = "the claim was lost, another worker has the job"

log = structlog.get_logger(__name__)


def _nobody(_outcome: Outcome, _seconds: float) -> None:
    pass


class Runner:
    """Runs the jobs of this process, at most `concurrency` at once, and keeps their leases.

    `ended` is told of each attempt whose outcome is recorded, and how long it took, within the `span` around it.
    """

    def __init__(
        self,
        database: Database,
        handler: Handler,
        concurrency: int,
        ended: Callable[[Outcome, float], None] = _nobody,
        span: Callable[[Claim], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self.concurrency = concurrency
        self.stopping = asyncio.Event()
        self.hurry = asyncio.Event()
        self._database = database
        self._handler = handler
        self._tell_of = ended
        self._span = span
        self._recorder = Recorder(database)
        self._slots = asyncio.Semaphore(concurrency)
        self._running: dict[asyncio.Task[None], Claim] = {}
        self._handling: dict[asyncio.Task[None], Claim] = {}
        self._has_backlog = False
        self._contact = Contact()

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._running)

    async def take(self, job_id: ObjectId) -> bool:
        """Claim this job if it is due, and run it in the background. False: it is not, or not now.

        While there is a backlog the sweep takes everything in its turn, in batches: who rings is not heard.
        """
        if not self._takes(job_id):
            return False
        await self._slots.acquire()
        claims: list[Claim] = []
        try:
            if self._takes(job_id) and (claim := await service.claim(self._database, self.worker, job_id)):
                claims = [claim]
        finally:
            self._start(claims, 1)
        return bool(claims)

    async def take_due(self) -> bool:
        """Claim what is due, as much as there are free slots for, and run it. False: there is no more, or stopping."""
        slots = await self._free_slots()
        claims: list[Claim] = []
        try:
            if not self.stopping.is_set():
                takes_over = self._contact.is_steady()
                claims, self._has_backlog = await service.claim_many(
                    self._database, self.worker, slots, takes_over=takes_over, running=self._ids()
                )
                self._contact.answered()
        finally:
            self._start(claims, slots)
        return self._has_backlog and not self.stopping.is_set()

    async def renew(self) -> None:
        """Let the leases of everything that is being done hold on, and stop what another worker does."""
        if not self._handling:
            return
        tasks = {(claim.id, claim.token): task for task, claim in self._handling.items()}
        lost = await service.renew(self._database, list(self._handling.values()))
        self._contact.answered()
        for claim in lost:
            if (task := tasks[claim.id, claim.token]) in self._handling:  # else it has ended meanwhile
                log.warning(LOST, job=str(claim.id), attempt=claim.attempt)
                task.cancel()

    async def drain(self, seconds: float, patience: float | None = None) -> None:
        """Take nothing more and let what runs finish, within this time; set `hurry` to have it end at once.

        After `patience`, by default all of the time, what others can begin anew goes back into the queue. The rest, a
        letter handed over that is not answered, is cut off at the end: until its lease ends nobody sends it again.
        """
        self.stopping.set()
        log.info("worker stopping", jobs=len(self._running))
        patience = seconds if patience is None else min(patience, seconds)
        idle, hurried = asyncio.create_task(self._become_idle()), asyncio.create_task(self.hurry.wait())
        for limit in (patience, seconds - patience):
            await asyncio.wait([idle, hurried], timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            await self._hand_back()
        await asyncio.wait([idle], timeout=LAST_SECONDS)
        idle.cancel()
        hurried.cancel()
        await self._cut_off()

    def _takes(self, job_id: ObjectId) -> bool:
        return not self.stopping.is_set() and not self._has_backlog and job_id not in self._ids()

    def _ids(self) -> set[ObjectId]:
        """What runs here, or ended and is yet to be noted: whoever began it anew would do it twice."""
        return {claim.id for claim in self._running.values()}

    async def _become_idle(self) -> None:
        """With every slot in hand nothing runs, and nothing is being claimed."""
        for _ in range(self.concurrency):
            await self._slots.acquire()

    async def _hand_back(self) -> None:
        """Stop what has done nothing for good, and have it due again: only when it has ended nothing can come of it."""
        cut = {task: claim for task, claim in self._handling.items() if not claim.is_past_recall}
        await _cancel(cut)
        if claims := [claim for task, claim in cut.items() if task.cancelled()]:
            log.warning("jobs go back into the queue, their worker ends", jobs=[str(claim.id) for claim in claims])
            await self._release(claims)

    async def _release(self, claims: list[Claim]) -> None:
        try:
            with pymongo.timeout(HAND_BACK_SECONDS):
                await outcomes.record(self._database, [outcomes.handed_back(claim) for claim in claims])
        except PyMongoError as error:
            log.warning("mongodb is away, the leases of these jobs will end", error=repr(error)[:200])

    async def _cut_off(self) -> None:
        if left := {task: str(claim.id) for task, claim in self._running.items()}:
            log.warning("jobs did not finish in time, their leases will end", jobs=list(left.values()))
            await _cancel(left)

    async def _free_slots(self) -> int:
        """Take a slot, once there is one, and others that are free, or will be at once."""
        await self._slots.acquire()
        slots = 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_SECONDS):
                while slots < min(self.concurrency, MOST_CLAIMS):
                    await self._slots.acquire()
                    slots += 1
        return slots

    def _start(self, claims: list[Claim], slots: int) -> None:
        """Run these in the slots taken for them, and give back the others."""
        for claim in claims:
            task = asyncio.create_task(self._run(claim))
            self._running[task] = self._handling[task] = claim
            task.add_done_callback(self._ended)
        for _ in range(slots - len(claims)):
            self._slots.release()

    def _ended(self, task: asyncio.Task[None]) -> None:
        claim = self._running.pop(task)
        self._handling.pop(task, None)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()):
            log.error("a job's outcome was not recorded, its lease will end", job=str(claim.id), exc_info=error)

    async def _run(self, claim: Claim) -> None:
        with request_scope(claim.job["request_id"]):
            if self._span is None:
                await self._attempt(claim)
                return
            with self._span(claim):
                await self._attempt(claim)

    async def _attempt(self, claim: Claim) -> None:
        began = time.perf_counter()
        ended = await attempt(self._handler, claim)
        seconds = time.perf_counter() - began
        if task := asyncio.current_task():
            self._handling.pop(task, None)
        if await self._recorder.record(ended.outcome):
            ended.tell()
            self._tell_of(ended.outcome, seconds)
        else:
            log.warning(LOST, job=str(claim.id), attempt=claim.attempt)


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=HAND_BACK_SECONDS)
