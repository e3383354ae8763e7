"""The doorbell: Redis tells the workers at once that a job waits. Nothing in Redis needs to survive."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import cast

import structlog
from odmantic import ObjectId
from taskiq.abc.broker import AsyncBroker
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker
from taskiq.message import BrokerMessage
from typing_extensions import override

from settings.redis_client import FAILURES, Line, Patience, RedisAwayError, explained, open_redis

RUN_JOB = "run_job"
"""The one task there is: its argument is a job's id, everything else stands in the job's row."""

RING_SECONDS = 0.25
"""How long a ring may take. Past this the sweep finds the job."""

SOCKET_SECONDS = 3.0
"""How long Redis may take to answer who listens; longer than a round of listening."""

ANSWER_SECONDS = 2.0
"""How long Redis may take to say that it is there."""

AT_ONCE = 8
"""Rings under way at once, each with a connection of its own; the others wait, which takes less than to connect."""

LIST_LENGTH = 10_000
"""How many rings Redis keeps: more would say nothing new to the workers."""

HEARD_TOGETHER = 20
"""Rings one worker process takes at once: the others shall have some too."""

FIRST_DELAY, LAST_DELAY = 0.1, 2.0
"""Seconds between two attempts to reach a Redis that is away."""

PUT = """
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
"""
TAKE = """
local rings = redis.call('LRANGE', KEYS[1], -ARGV[1], -1)
redis.call('LTRIM', KEYS[1], 0, -ARGV[1] - 1)
return rings
"""

NOT_HEARD = "doorbell not heard, the sweep finds the jobs"

log = structlog.get_logger(__name__)


class Doorbell(AsyncBroker):
    """Taskiq's broker: a list in Redis, of bounded length, that survives a Redis which is away, frozen or restarted."""

    def __init__(self, redis_url: str) -> None:
        super().__init__()
        self.queue_name = "postberry:doorbell"
        self.redis = open_redis(redis_url, SOCKET_SECONDS)
        self._put = self.redis.register_script(PUT)
        self._take = self.redis.register_script(TAKE)
        self._patience = Patience(ANSWER_SECONDS, at_once=2)

    @override
    async def shutdown(self) -> None:
        await super().shutdown()
        await self._patience.close()
        await self.redis.aclose()

    async def answers(self) -> bool:
        """Whether Redis does, in time; raises what it has against it, or TimeoutError."""
        return bool(await self._patience.wait(self.redis.ping))

    @override
    async def kick(self, message: BrokerMessage) -> None:
        """Ring, and drop the oldest rings beyond the cap."""
        await self._put([self.queue_name], [message.message, LIST_LENGTH])

    @override
    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Yield the rings as they come; while Redis is away, wait and try again."""
        delay = FIRST_DELAY
        while not _is_cancelled():
            try:
                rings = await self._rings_waiting() or await self._next_ring()
            except FAILURES as error:
                if delay == FIRST_DELAY:
                    log.warning("redis is away, the sweep finds the jobs", error=explained(error))
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
        rings: list[bytes] = await self._take([self.queue_name], [HEARD_TOGETHER])
        return list(reversed(rings))

    async def _next_ring(self) -> list[bytes]:
        """Empty: there was none for a second. Waiting longer would meet the socket's timeout."""
        ring = await self.redis.brpop([self.queue_name], timeout=1)
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
        self._line = Line(Patience(RING_SECONDS, AT_ONCE), away=NOT_HEARD, back="doorbell heard again")

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
            await self._line.ask(partial(self._kick, job_id))
        except RedisAwayError:
            self._missed()

    async def _kick(self, job_id: ObjectId) -> None:
        try:
            await self._kicker.kiq(str(job_id))
        except SendTaskError as error:
            raise error.__cause__ or error from None  # what Redis said, which Taskiq wraps
