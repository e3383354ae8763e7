from datetime import timedelta

import pytest

from schema.database import Database
from schema.engine import Document
from schema.jobs import outcomes, service
from schema.jobs.service import Claim
from schema.times import utc_now
from tests.support import endings
from tests.support.jobs import owe, row, set_due

pytestmark = pytest.mark.anyio

LATER = timedelta(minutes=1)


async def _claimed(database: Database, worker: str = "worker-1") -> Claim:
    claim = await service.claim(database, worker, await owe(database))
    assert claim is not None
    return claim


async def _taken_over(database: Database) -> tuple[Claim, Claim]:
    old = await _claimed(database)
    await set_due(database, old.id)
    new = await service.claim(database, "worker-2", old.id)
    assert new is not None
    return old, new


async def test_an_outcome_whose_answer_was_lost_may_be_written_again(database: Database) -> None:
    claims = [await _claimed(database) for _ in range(3)]
    done, failed, again = claims
    ended = [
        outcomes.succeeded(done),
        outcomes.failed(failed, "SMTP_550", "No such user"),
        outcomes.again(again, utc_now() + LATER, "SMTP_451", "Later"),
    ]
    assert await outcomes.record(database, ended) == [True] * 3
    rows = [await row(database, claim.id) for claim in claims]
    assert await outcomes.record(database, ended) == [True] * 3
    assert [await row(database, claim.id) for claim in claims] == rows


async def test_an_outcome_written_again_stands_though_the_next_attempt_has_begun(database: Database) -> None:
    old = await _claimed(database)
    ended = outcomes.again(old, utc_now() - LATER, "SMTP_451", "Later")
    assert await outcomes.record(database, [ended]) == [True]
    assert await service.claim(database, "worker-2", old.id)
    assert await outcomes.record(database, [ended]) == [True]
    assert (await row(database, old.id))["status"] == "RUNNING"


async def test_of_many_outcomes_each_is_told_by_itself(database: Database) -> None:
    (old, new), sound = await _taken_over(database), await _claimed(database)
    ended = [outcomes.succeeded(old), outcomes.succeeded(sound), outcomes.failed(new, "X", "")]
    assert await outcomes.record(database, ended) == [False, True, True]
    statuses = [(await row(database, claim.id))["status"] for claim in (new, sound)]
    assert statuses == ["FAILED", "SUCCEEDED"]


async def test_an_outage_uses_no_attempt_up_and_another_error_does(database: Database) -> None:
    claim = await _claimed(database)
    await endings.retry_at(database, claim, utc_now() - LATER, "SMTP_UNREACHABLE", "")
    second = await service.claim(database, "worker-1", claim.id)
    assert second is not None
    assert (second.attempt, second.counted) == (2, 1)
    await endings.retry_at(database, second, utc_now() - LATER, "SMTP_451", "")
    third = await service.claim(database, "worker-1", claim.id)
    assert third is not None
    assert (third.attempt, third.counted) == (3, 2)


async def test_a_row_keeps_the_last_attempts_of_a_long_outage(database: Database) -> None:
    claim: Claim | None = await _claimed(database)
    for _ in range(service.MOST_ATTEMPTS + 5):
        assert claim is not None
        assert await endings.retry_at(database, claim, utc_now() - LATER, "SMTP_UNREACHABLE", "")
        claim = await service.claim(database, "worker-1", claim.id)
    assert claim is not None
    attempts: list[Document] = (await row(database, claim.id))["attempts"]
    assert [attempt["number"] for attempt in attempts] == list(range(7, service.MOST_ATTEMPTS + 7))
    assert await endings.finish(database, claim)


async def test_progress_is_shown_while_the_claim_holds(database: Database) -> None:
    old, new = await _taken_over(database)
    assert await service.report_progress(database, new, 3, 10, "lines")
    assert not await service.report_progress(database, old, 9, 10, "lines")
    assert (await row(database, new.id))["progress"] == {"done": 3, "total": 10, "word": "lines"}
    await endings.finish(database, new)
    assert not await service.report_progress(database, new, 10, 10, "lines")
