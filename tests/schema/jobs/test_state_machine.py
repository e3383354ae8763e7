"""The life of jobs, in any order of what can happen to them, on a real MongoDB."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from odmantic import ObjectId

from schema import indexes
from schema.database import Database, connect
from schema.engine import Document
from schema.errors import InvalidInput
from schema.jobs import operations, service
from schema.jobs.model import FINAL, Job
from schema.jobs.service import Claim
from schema.times import utc_now
from tests.support import endings
from tests.support.jobs import ANNOUNCED, WELCOME, context, owe, row, set_due

T = TypeVar("T")
JOBS = 3


class Jobs(RuleBasedStateMachine):
    """A few jobs, and every claim there ever was: each may still try anything, as workers do that stall or die.

    The one due first is bulk, and one is of a version that knew no bulk.
    """

    loop: asyncio.AbstractEventLoop
    database: Database
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[ObjectId] = []
        self.holders: dict[ObjectId, Claim | None] = {}
        self.final: dict[ObjectId, Document] = {}
        self.ended: dict[tuple[ObjectId, int], str] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work answers."""
        return self.loop.run_until_complete(work)

    @initialize()
    def owed(self) -> None:
        self.run(self.database.collection(Job).delete_many({}))
        self.ids = [self.run(owe(self.database, message)) for message in (ANNOUNCED, WELCOME, WELCOME)]
        self.run(self.database.collection(Job).update_one({"_id": self.ids[1]}, {"$unset": {"bulk": ""}}))
        self.holders = dict.fromkeys(self.ids)

    @rule(target=claims, job=st.integers(0, JOBS - 1))
    def claim(self, job: int) -> Claim | None:
        before = self._row(self.ids[job])
        claim = self.run(service.claim(self.database, "worker", self.ids[job]))
        assert (claim is not None) == ("due" in before and before["due"] <= utc_now())
        return self._taken(claim)

    @rule(target=claims, most=st.integers(1, JOBS))
    def claim_many(self, most: int) -> Claim | None:
        due = self.run(self.database.collection(Job).find({"due": {"$lte": utc_now()}}).to_list())
        claims, _ = self.run(service.claim_many(self.database, "worker", most))
        for claim in claims:
            self._taken(claim)
        assert len(claims) == min(most, len(due))
        left = [job for job in due if job["_id"] not in {claim.id for claim in claims}]
        assert all(job.get("bulk") for job in left) or not any(claim.job.get("bulk") for claim in claims)
        return claims[0] if claims else None

    def _taken(self, claim: Claim | None) -> Claim | None:
        if claim:
            assert claim.id not in self.final
            self.holders[claim.id] = claim
        return claim

    @rule(claim=claims)
    def renew(self, claim: Claim | None) -> None:
        if claim:
            lost = self.run(service.renew(self.database, [claim]))
            assert (lost == []) == self._holds(claim)

    @rule(claim=claims)
    def report_progress(self, claim: Claim | None) -> None:
        if claim:
            assert self.run(service.report_progress(self.database, claim, 1, 2, "half")) == self._holds(claim)

    @rule(claim=claims)
    def finish(self, claim: Claim | None) -> None:
        if claim:
            self._end(claim, "done", self.run(endings.finish(self.database, claim)), is_final=True)

    @rule(claim=claims)
    def fail(self, claim: Claim | None) -> None:
        if claim:
            self._end(claim, "SMTP_550", self.run(endings.fail(self.database, claim, "SMTP_550", "")), is_final=True)

    @rule(claim=claims, error=st.sampled_from(["SMTP_451", "SMTP_UNREACHABLE"]))
    def retry(self, claim: Claim | None, error: str) -> None:
        if claim:
            stands = self.run(endings.retry_at(self.database, claim, utc_now(), error, ""))
            self._end(claim, error, stands, is_final=False)

    @rule(claim=claims)
    def hand_back(self, claim: Claim | None) -> None:
        """Its worker was told to end: the job waits again, as if this attempt had not been."""
        if claim:
            held, counted = self._holds(claim), self._row(claim.id)["counted"]
            self._end(claim, "WORKER_STOPPED", self.run(endings.hand_back(self.database, claim)), is_final=False)
            job = self._row(claim.id)
            assert not held or (job["status"], job["counted"]) == ("QUEUED", counted - 1)
            assert not held or job["due"] <= utc_now()

    def _end(self, claim: Claim, how_it_ended: str, stands: bool, *, is_final: bool) -> None:  # noqa: FBT001  (its answer)
        """What counts is the word of the holder; the same word again is true, another one is not."""
        attempt = (claim.id, claim.attempt)
        assert stands == (self._holds(claim) or self.ended.get(attempt) == how_it_ended)
        if self._holds(claim):
            self.ended[attempt] = how_it_ended
            self.holders[claim.id] = None
            if is_final:
                self.final[claim.id] = self._row(claim.id)

    @rule(job=st.integers(0, JOBS - 1))
    def lease_expires(self, job: int) -> None:
        if "due" in self._row(self.ids[job]):
            self.run(set_due(self.database, self.ids[job]))

    @rule(job=st.integers(0, JOBS - 1))
    def cancel(self, job: int) -> None:
        before = self._row(self.ids[job])
        assert self._allowed(operations.cancel(context(self.database), self.ids[job])) == (before["status"] == "QUEUED")
        if before["status"] == "QUEUED":
            self.final[self.ids[job]] = self._row(self.ids[job])

    @rule(job=st.integers(0, JOBS - 1))
    def run_again(self, job: int) -> None:
        before = self._row(self.ids[job])
        allowed = self._allowed(operations.retry(context(self.database), self.ids[job]))
        assert allowed == (before["status"] in {"FAILED", "CANCELLED"})
        if allowed:
            del self.final[self.ids[job]]

    def _allowed(self, work: Coroutine[Any, Any, object]) -> bool:
        try:
            self.run(work)
        except InvalidInput:
            return False
        return True

    def _holds(self, claim: Claim) -> bool:
        return self.holders[claim.id] is claim

    def _row(self, job_id: ObjectId) -> Document:
        return self.run(row(self.database, job_id))

    @invariant()
    def all_is_well(self) -> None:
        rows = self.run(self.database.collection(Job).find().to_list())
        assert {job["_id"] for job in rows} == set(self.ids) or not self.ids
        for job in rows:
            self._is_well(job, self.holders[job["_id"]])

    def _is_well(self, job: Document, holder: Claim | None) -> None:
        assert job["token"] == (holder.token if holder else None)
        assert (job["status"] == "RUNNING") == (holder is not None)
        assert ("due" in job) == (job["status"] not in FINAL)  # nothing to be done is lost to the sweep
        assert [attempt["number"] for attempt in job["attempts"]] == list(range(1, job["attempt_count"] + 1))
        assert job["counted"] <= job["attempt_count"] - job["attempts_before"]
        if job["_id"] in self.final:
            assert job == self.final[job["_id"]]


def test_whatever_happens_in_whatever_order_a_job_has_one_holder_and_one_end(mongodb_url: str) -> None:
    loop = asyncio.new_event_loop()
    database = loop.run_until_complete(connect(mongodb_url, app_name="tests"))
    loop.run_until_complete(indexes.create(database))
    here = type("Here", (Jobs,), {"loop": loop, "database": database})
    try:
        run_state_machine_as_test(here, settings=how(max_examples=30, stateful_step_count=25, deadline=None))
    finally:
        loop.run_until_complete(database.close())
        loop.close()


@pytest.mark.anyio
async def test_a_job_that_kills_its_worker_is_claimed_a_limited_number_of_times(database: Database) -> None:
    job_id, number = await owe(database), 0
    while claim := await service.claim(database, "a worker that dies", job_id):
        number += 1
        assert claim.counted == number
        if claim.counted > 5:
            await endings.fail(database, claim, "WORKER_DIED", "")
        else:
            await set_due(database, job_id)
    assert number == 6
    assert await database.collection(Job).count_documents({"status": "FAILED"}) == 1
