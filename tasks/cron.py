"""What is owed by the clock. No scheduler: every worker looks, and a key for each tick has it owed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

import structlog

from schema.database import Database
from schema.jobs import service
from schema.jobs.messages import DailySalesReport, JobArchive, Message, ReportCleanup, UploadCleanup
from schema.times import utc_now
from settings.config import Settings

LOOK_SECONDS = 10.0
"""How often a worker looks at the clock."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Daily:
    """What is owed every day at a time of UTC. A tick that no worker saw is made up for, but only the last one."""

    message: Callable[[datetime], Message]
    at: time

    def last_tick(self, now: datetime) -> datetime:
        """The latest time it was owed, up to now."""
        today = datetime.combine(now.date(), self.at, now.tzinfo)
        return today if today <= now else today - timedelta(days=1)

    def key(self, tick: datetime) -> str:
        """The name of a tick, the same in every worker; and once a day, also on one on which its time was changed."""
        return f"{self.message(tick).kind.value}:{tick:%Y-%m-%d}"


def entries(settings: Settings) -> tuple[Daily, ...]:
    """What is owed every day, with these settings. Whatever is to be done each day gets its line here."""
    if not settings.cron_enabled:
        return ()
    messages: list[Callable[[datetime], Message]] = [
        lambda _: UploadCleanup(),
        lambda _: ReportCleanup(days=settings.reports_kept_days),
        lambda _: JobArchive(days=settings.jobs_kept_days),
    ]
    if settings.sales_report_to:
        messages.append(partial(_sales_of_the_day_before, settings.sales_report_to))
    return tuple(Daily(message, time(settings.nightly_hour)) for message in messages)


def _sales_of_the_day_before(to: tuple[str, ...], tick: datetime) -> DailySalesReport:
    """Of the whole day of UTC that ended last."""
    midnight = datetime.combine(tick.date(), time(), tick.tzinfo)
    return DailySalesReport(start=midnight - timedelta(days=1), end=midnight, to=to)


class Cron:
    """Looks at the clock for one worker, and remembers which ticks are owed."""

    def __init__(self, database: Database, daily: Sequence[Daily]) -> None:
        self._database = database
        self._daily = daily
        self._owed: set[str] = set()

    async def look(self) -> None:
        """Owe what has become due and was not owed by another worker."""
        ticks = [(entry, entry.last_tick(utc_now())) for entry in self._daily]
        for entry, tick in ticks:
            if entry.key(tick) not in self._owed:
                await self._owe(entry, tick)
        self._owed = {entry.key(tick) for entry, tick in ticks}

    async def _owe(self, entry: Daily, tick: datetime) -> None:
        message = entry.message(tick)
        if await service.owe_once(self._database, message, entry.key(tick)):
            log.info("owed by the clock", kind=message.kind.value, tick=tick.isoformat())
