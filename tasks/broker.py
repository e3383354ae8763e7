"""The doorbell: Redis tells the workers at once that a job waits. Nothing in Redis needs to survive."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import cast

import structlog
from odmantic import ObjectId
from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq.exceptions import TaskiqError
from taskiq.kicker import AsyncKicker
from taskiq.message import BrokerMessage
from taskiq_redis import ListQueueBroker
from typing_extensions import override

RUN_JOB = "run_job"
"""The one task there is: its argument is a job's id, everything else stands in the job's row."""

RING_SECONDS = 0.25
"""How long a ring may take. Past this the sweep finds the job."""

LIST_LENGTH = 10_000
"""How many rings Redis keeps: more would say nothing new to the workers."""

HEARD_TOGETHER = 20
"""Rings one worker process takes at once: the others shall have some too."""

FIRST_DELAY, LAST_DELAY = 0.1, 2.0
"""Seconds between two attempts to reach a Redis that is away."""

log = structlog.get_logger(__name__)


class Doorbell(ListQueueBroker):
    """Taskiq's list broker that survives a Redis which is away, frozen or restarted, and never grows without bound."""

    def __init__(self, redis_url: str) -> None:
        super().__init__(redis_url, queue_name="postberry:doorbell", socket_timeout=3, socket_connect_timeout=3)

    @override
    async def kick(self, message: BrokerMessage) -> None:
        """Ring, and drop the oldest rings beyond the cap."""
        async with Redis(connection_pool=self.connection_pool) as redis, redis.pipeline(transaction=False) as pipeline:
            pipeline.lpush(self.queue_name, message.message)
            pipeline.ltrim(self.queue_name, 0, LIST_LENGTH - 1)
            await pipeline.execute()

    @override
    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Yield the rings as they come; while Redis is away, wait and try again."""
        delay = FIRST_DELAY
        while not _is_cancelled():
            try:
                rings = await self._rings_waiting() or await self._next_ring()
            except (RedisError, OSError) as error:
                if delay == FIRST_DELAY:
                    log.warning("redis is away, the sweep finds the jobs", error=repr(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, LAST_DELAY)
                continue
            if delay != FIRST_DELAY:
                log.warning("redis is back")
            delay = FIRST_DELAY
            for ring in rings:
                yield ring

    async def _rings_waiting(self) -> list[bytes]:
        """Some of those that have gathered, the oldest first: when there are many, hearing each alone costs most."""
        async with Redis(connection_pool=self.connection_pool) as redis, redis.pipeline() as pipeline:
            pipeline.lrange(self.queue_name, -HEARD_TOGETHER, -1)
            pipeline.ltrim(self.queue_name, 0, -HEARD_TOGETHER - 1)
            rings, _ = await pipeline.execute()
        return list(reversed(rings))

    async def _next_ring(self) -> list[bytes]:
        """Empty: there was none for a second. Waiting longer would meet the socket's timeout."""
        async with Redis(connection_pool=self.connection_pool) as redis:
            ring = await redis.brpop([self.queue_name], timeout=1)
        return [cast("bytes", ring[1])] if ring else []


def _is_cancelled() -> bool:
    """Whether this task was told to end: Python 3.11 can lose that within the driver."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Bell:
    """The API's side of the doorbell: rings in the background, so that no answer ever waits for Redis.

    `missed` is called for each ring that Redis did not take.
    """

    def __init__(self, doorbell: Doorbell, missed: Callable[[], None] = lambda: None) -> None:
        self._missed = missed
        self._kicker = AsyncKicker[[str], None](task_name=RUN_JOB, broker=doorbell, labels={})
        self._rings: set[asyncio.Task[None]] = set()
        self._kicks: set[asyncio.Task[None]] = set()
        self._heard = True

    def ring(self, job_id: ObjectId) -> None:
        """Tell the workers of a job; at most for a moment, and a failure costs a second, not the job."""
        task = asyncio.create_task(self._ring(job_id))
        self._rings.add(task)
        task.add_done_callback(self._rings.discard)

    async def close(self) -> None:
        """Let the rings that are under way end."""
        if self._rings:
            await asyncio.wait(self._rings)

    async def _ring(self, job_id: ObjectId) -> None:
        try:
            await self._in_time(asyncio.create_task(self._kick(job_id)))
        except (TaskiqError, TimeoutError) as error:
            self._missed()
            self._note(heard=False, error=repr(error))
        else:
            self._note(heard=True)

    async def _kick(self, job_id: ObjectId) -> None:
        await self._kicker.kiq(str(job_id))

    async def _in_time(self, kick: asyncio.Task[None]) -> None:
        """Not by `asyncio.wait_for`: in Python 3.11 the driver may swallow the cancellation it waits for."""
        self._kicks.add(kick)
        kick.add_done_callback(self._ended)
        await asyncio.wait([kick], timeout=RING_SECONDS)
        if not kick.done():
            kick.cancel()
            raise TimeoutError
        kick.result()

    def _ended(self, kick: asyncio.Task[None]) -> None:
        self._kicks.discard(kick)
        if not kick.cancelled():
            kick.exception()  # of one that was given up nobody else asks, and asyncio would complain

    def _note(self, *, heard: bool, **facts: str) -> None:
        """Log when Redis goes and when it is back, not each ring in between."""
        if heard is not self._heard:
            log.warning("doorbell heard again" if heard else "doorbell not heard, the sweep finds the jobs", **facts)
        self._heard = heard
