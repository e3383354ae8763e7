"""The brake on guessing: whoever fails again and again waits ever longer.

The counters are in Redis, shared by all processes, and in memory for while it is away. Redis is told the time, so the
clocks of the machines should agree to a second, as access tokens need them to.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from weakref import WeakValueDictionary

from redis.commands.core import AsyncScript

from schema.failures import ATTEMPT, SUCCEEDED, Memory
from settings.redis_client import Line, Patience, RedisAwayError, open_redis

REDIS_SECONDS = 0.1
"""How long one call may wait for Redis."""

REST_SECONDS = 1.0
"""How long a Redis that did not answer is left alone."""

CONNECTIONS = 8
"""To Redis, at most: more would only queue there, and opening them takes longer than waiting for one."""

TURNS = 4
"""How many attempts of one key are heard at once: as many as are free, see `FREE_FAILURES`."""

PREFIX = "{postberry:throttle}:"
"""What is in braces decides the slot of a cluster: keys that are counted together have to be in one."""


class Throttle:
    """Counts the failed attempts of each key, such as an account or an address.

    `now` is the clock, in seconds since the epoch; `patience` is how many seconds one call may wait for Redis.
    """

    def __init__(
        self, redis_url: str, *, now: Callable[[], float] = time.time, patience: float = REDIS_SECONDS
    ) -> None:
        self._redis = open_redis(redis_url)
        self._line = Line(
            Patience(patience, CONNECTIONS),
            away="throttle counts in memory, redis is away",
            back="throttle counts in redis",
        )
        self._attempt = self._redis.register_script(ATTEMPT)
        self._succeeded = self._redis.register_script(SUCCEEDED)
        self._memory = Memory()
        self._now = now
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._rests_until = 0.0

    async def attempt(self, *keys: str) -> float:
        """0: go on, and the attempt is counted for each key. Else refuse it: the seconds to wait, and nothing counted.

        Of several keys the longest wait counts. An attempt of which nobody says that it succeeded is a failure.
        """
        names, now = _names(keys), round(self._now() * 1000)
        wait = await self._ask(self._attempt, names, now)
        if wait is None:
            wait = self._memory.attempt(names, now)
        elif wait == 0:
            self._memory.count(names, now)  # should Redis go away, this process knows what it let pass
        return wait / 1000

    async def wait(self, *keys: str) -> float:
        """The seconds to wait before an attempt; 0: none. Nothing is counted."""
        names, now = _names(keys), round(self._now() * 1000)
        wait = await self._ask(self._attempt, names, now, "wait")
        return (self._memory.wait(names, now) if wait is None else wait) / 1000

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """A few at once for each key, in this process; the others wait, and by then know how those have ended."""
        turns = self._turns.setdefault(key, asyncio.Semaphore(TURNS))
        async with turns:
            yield

    async def succeeded(self, account: str, *others: str) -> None:
        """The account's failures are forgotten; the others', such as the address's, are what they were before."""
        names = _names((account, *others))
        self._memory.succeeded(names)
        await self._ask(self._succeeded, names)

    async def close(self) -> None:
        """Give up what is under way, and close every connection."""
        await self._line.close()
        await self._redis.aclose()

    async def _ask(self, script: AsyncScript, names: Sequence[str], *args: int | str) -> int | None:
        """What Redis answers; None while it is away."""
        if not self._line.is_up and not self._may_probe():
            return None
        try:
            return int(await self._line.ask(partial(script, names, args)))
        except RedisAwayError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return None

    def _may_probe(self) -> bool:
        """Whether it is time to ask again: for one caller, the others need not wait for the same answer."""
        if time.monotonic() < self._rests_until:
            return False
        self._rests_until = time.monotonic() + REST_SECONDS
        return True


def _names(keys: Sequence[str]) -> list[str]:
    """What the keys are called here, each once: who reads Redis learns no address."""
    digests = (hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest() for key in keys)
    return list(dict.fromkeys(PREFIX + digest for digest in digests))
