"""How the queue stands, for Prometheus: read from MongoDB when it asks, so every process says the same."""

import asyncio
import time

import structlog
from prometheus_client.metrics_core import GaugeMetricFamily
from pymongo.errors import PyMongoError

from schema.database import Database
from schema.engine import Document
from schema.jobs.messages import MESSAGES
from schema.jobs.model import BULK, URGENT
from schema.system import service

BELIEVED_SECONDS = 5.0
"""How long an answer is shown again, however many ask."""

PATIENCE_SECONDS = 2.0
"""How long MongoDB may take: the other metrics are wanted most when it is away."""

UNKNOWN = "UNKNOWN"
"""In place of a kind that this version does not know."""

log = structlog.get_logger(__name__)


class QueueGauges:
    """What waits, runs and has failed, and who works."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._until = 0.0
        self._latest: list[GaugeMetricFamily] = []

    async def read(self) -> list[GaugeMetricFamily]:
        """The gauges; none but that MongoDB did not answer when it does not."""
        if time.monotonic() > self._until:
            self._latest = await self._read()
            self._until = time.monotonic() + BELIEVED_SECONDS
        return self._latest

    async def _read(self) -> list[GaugeMetricFamily]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                queue, urgent, bulk, workers = await asyncio.gather(
                    service.count_queue(self._database),
                    service.oldest_due_age(self._database, URGENT),
                    service.oldest_due_age(self._database, BULK),
                    service.find_workers(self._database),
                )
        except (PyMongoError, TimeoutError) as error:
            log.warning("metrics of the queue could not be read", error=repr(error)[:200])
            return [_gauge("queue_readable", "Whether MongoDB told of the queue.", 0)]
        return [_due({"false": urgent, "true": bulk}), *_totals(workers), *_by_kind(queue)]


def _due(ages: dict[str, float]) -> GaugeMetricFamily:
    text = "For how long the job that is due longest has been due; bulk ones wait for all others."
    family = GaugeMetricFamily("postberry_jobs_oldest_due_age_seconds", text, labels=["bulk"])
    for bulk, age in ages.items():
        family.add_metric([bulk], age)
    return family


def _totals(workers: list[Document]) -> list[GaugeMetricFamily]:
    return [
        _gauge("queue_readable", "Whether MongoDB told of the queue.", 1),
        _gauge("workers", "Worker processes that live.", len(workers)),
        _gauge("worker_slots", "Jobs that they run at once at most.", sum(each["concurrency"] for each in workers)),
    ]


def _by_kind(queue: list[Document]) -> list[GaugeMetricFamily]:
    """One gauge for each number there is of a kind; kinds of which all is done have 0."""
    numbers: dict[str, dict[str, float]] = {kind: {} for kind in MESSAGES}
    for counted in queue:
        numbers[counted["kind"] if counted["kind"] in MESSAGES else UNKNOWN] = counted
    return [_kinds(name, text, key, numbers) for name, (text, key) in _KINDS.items()]


_KINDS = {
    "jobs_queued": ("Jobs that wait, be it for their next attempt.", "queued"),
    "jobs_running": ("Jobs that run.", "running"),
    "jobs_failed": ("Jobs that have failed for good and were not tried again since.", "failed"),
    "jobs_oldest_queued_age_seconds": ("How long ago the oldest that waits was owed.", "oldest_age_seconds"),
}


def _kinds(name: str, text: str, key: str, numbers: dict[str, dict[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"postberry_{name}", text, labels=["kind"])
    for kind, counted in numbers.items():
        family.add_metric([kind], counted.get(key) or 0)
    return family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"postberry_{name}", text, value=value)
