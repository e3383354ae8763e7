import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from schema.database import Database
from schema.jobs.messages import DailySalesReport, JobArchive, JobKind, UploadCleanup
from schema.jobs.model import Job
from schema.times import utc_now
from settings.config import Settings
from tasks.cron import Cron, Daily, entries
from tests.support.jobs import reached
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

NIGHTLY = Daily(lambda _: UploadCleanup(), time(3))
ARCHIVE = Daily(lambda _: JobArchive(days=90), time(4))


async def _kinds(database: Database) -> list[str]:
    return sorted([job["kind"] async for job in database.collection(Job).find()])


@pytest.mark.parametrize(
    ("now", "tick"),
    [
        (datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)),
        (datetime(2026, 3, 1, 2, 59, 59, tzinfo=UTC), datetime(2026, 2, 28, 3, tzinfo=UTC)),
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)),
    ],
)
def test_the_last_tick_is_todays_once_its_time_has_come(now: datetime, tick: datetime) -> None:
    assert NIGHTLY.last_tick(now) == tick


def test_every_day_of_every_kind_has_a_key_of_its_own_and_no_second_one() -> None:
    ticks = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2) for hour in (3, 4)]
    keys = {daily.key(tick) for daily in (NIGHTLY, ARCHIVE) for tick in ticks}
    assert len(keys) == 4


async def test_many_workers_owe_each_tick_once(database: Database) -> None:
    daily = [NIGHTLY, ARCHIVE]
    await asyncio.gather(*(Cron(database, daily).look() for _ in range(10)))
    assert await _kinds(database) == ["JOB_ARCHIVE", "UPLOAD_CLEANUP"]
    await Cron(database, daily).look()
    assert len(await _kinds(database)) == 2


async def test_what_is_owed_by_the_clock_is_due_at_once_and_nobodys(database: Database) -> None:
    await Cron(database, [NIGHTLY]).look()
    job = await database.collection(Job).find_one({})
    assert job is not None
    assert job["due"] <= utc_now()
    assert (job["recipient"], job["owner_id"], job["watchable"]) == ("", None, False)


async def test_the_next_tick_is_owed_too(database: Database) -> None:
    clock = Cron(database, [NIGHTLY])
    await clock.look()
    await database.collection(Job).update_many({}, {"$set": {"dedupe_key": "that of yesterday"}})
    await clock.look()
    assert len(await _kinds(database)) == 1  # this worker knows that it owes it already
    await Cron(database, [NIGHTLY]).look()
    assert len(await _kinds(database)) == 2


def test_nothing_is_owed_by_the_clock_where_that_is_switched_off(settings: Settings) -> None:
    assert entries(settings) == ()
    assert _kinds_with(settings, cron_enabled=True) == {
        JobKind.UPLOAD_CLEANUP,
        JobKind.REPORT_CLEANUP,
        JobKind.JOB_ARCHIVE,
    }


def _kinds_with(settings: Settings, **changes: object) -> set[JobKind]:
    return {entry.message(utc_now()).kind for entry in entries(settings.model_copy(update=changes))}


@pytest.mark.parametrize("hour", [0, 3, 23])
def test_a_tick_asks_for_the_sales_of_the_whole_day_before_for_whom_the_settings_name(
    settings: Settings, hour: int
) -> None:
    changes = {"cron_enabled": True, "sales_report_to": ("ada@example.com",), "nightly_hour": hour}
    report = entries(settings.model_copy(update=changes))[-1]
    tick = report.last_tick(datetime(2026, 3, 1, hour, 5, tzinfo=UTC))
    end = datetime(2026, 3, 1, tzinfo=UTC)
    assert report.message(tick) == DailySalesReport(start=end - timedelta(days=1), end=end, to=("ada@example.com",))
    assert _kinds_with(settings, sales_report_to=("ada@example.com",)) == set()


async def test_a_worker_does_what_the_clock_asks_for(settings: Settings, database: Database) -> None:
    async def all_of_them() -> bool:
        return len(await _kinds(database)) == 3

    with running_worker(settings.model_copy(update={"cron_enabled": True})):
        await eventually(all_of_them, "Three jobs of the clock", 20)
        for job in await database.collection(Job).find().to_list():
            await reached(database, job["_id"], "SUCCEEDED")
