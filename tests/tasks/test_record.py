import asyncio

import pytest

from schema.database import Database
from schema.jobs import outcomes, service
from schema.jobs.service import Claim
from tasks.record import Recorder
from tests.support.jobs import owe, row, set_due
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio


async def _claimed(database: Database) -> Claim:
    claim = await service.claim(database, "worker-1", await owe(database))
    assert claim is not None
    return claim


async def test_outcomes_that_come_at_the_same_time_go_out_together(database: Database) -> None:
    claims, recorder = [await _claimed(database) for _ in range(20)], Recorder(database)
    async with watched(database.client[database.engine.database_name]) as calls:
        stand = await asyncio.gather(*(recorder.record(outcomes.succeeded(claim)) for claim in claims))
    assert stand == [True] * 20
    assert {(await row(database, claim.id))["status"] for claim in claims} == {"SUCCEEDED"}
    assert {call.name for call in calls} <= {"update", "q"}
    assert len({str(call.command.get("txnNumber")) for call in calls}) <= 20


async def test_who_lost_its_claim_is_told_so_and_nobody_else(database: Database) -> None:
    lost, held, recorder = await _claimed(database), await _claimed(database), Recorder(database)
    await set_due(database, lost.id)
    assert await service.claim(database, "worker-2", lost.id)
    stand = await asyncio.gather(*(recorder.record(outcomes.succeeded(claim)) for claim in (lost, held)))
    assert stand == [False, True]


async def test_an_outcome_after_the_others_is_written_too(database: Database) -> None:
    recorder = Recorder(database)
    for _ in range(3):
        assert await recorder.record(outcomes.succeeded(await _claimed(database)))


async def test_who_no_longer_waits_holds_up_nobody(database: Database) -> None:
    cut_off, held, recorder = await _claimed(database), await _claimed(database), Recorder(database)
    first, second = [asyncio.create_task(recorder.record(outcomes.succeeded(claim))) for claim in (cut_off, held)]
    await asyncio.sleep(0)
    first.cancel()
    assert await second
    assert (await row(database, held.id))["status"] == "SUCCEEDED"
