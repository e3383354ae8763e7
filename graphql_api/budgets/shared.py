"""Budgets that all processes share through Redis, without a request ever waiting for it.

Each process spends from what it knows is left, and a few times a second tells Redis what it spent and hears what is
left by all. So clients may overspend by what they get from several processes within that time; while Redis is away,
by what they get from each process.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from graphql_api.budgets.buckets import Buckets, Rate
from settings.redis_client import Line, Patience, RedisAwayError, open_redis

EXCHANGE_SECONDS = 0.25
"""How often processes tell each other."""

REDIS_SECONDS = 1.0
"""How long one exchange may take: nobody waits for it."""

AT_ONCE = 500
"""How many budgets are told of in one call."""

PREFIX = "{postberry:budget}:"
"""What is in braces decides the slot of a cluster: keys of one call have to be in one."""

EXCHANGE = """
local left, now, capacity, rate = {}, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for number, key in ipairs(KEYS) do
  local known = redis.call('HMGET', key, 'left', 'at')
  local before, at = tonumber(known[1]) or capacity, tonumber(known[2]) or now
  local full = math.min(capacity, before + math.max(0, now - at) * rate)
  local after = full - tonumber(ARGV[3 + number])
  redis.call('HSET', key, 'left', tostring(after), 'at', tostring(math.max(now, at)))
  redis.call('PEXPIRE', key, math.ceil((capacity - after) / rate * 1000) + 1000)
  left[number] = tostring(after)
end
return left
"""
"""What is left of each budget after so much was spent of it. It is told the time, a budget fills up since the last."""


class Budgets:
    """Those of one rate, for this process."""

    def __init__(self, rate: Rate, redis_url: str) -> None:
        self._buckets = Buckets(rate)
        self._redis = open_redis(redis_url)
        self._line = Line(
            Patience(REDIS_SECONDS, at_once=1),
            away="budgets are each process's own, redis is away",
            back="budgets are shared again",
        )
        self._exchanging: asyncio.Task[None] | None = None
        self._exchange = self._redis.register_script(EXCHANGE)

    @property
    def rate(self) -> Rate:
        """What a full one holds, and how fast it fills up."""
        return self._buckets.rate

    def wait(self, key: str, amount: float) -> float:
        """0 if they may spend that much, else the seconds until they may; nothing is spent."""
        return self._buckets.wait(key, amount, time.time())

    def spend(self, key: str, amount: float) -> None:
        """Take it, or with a negative amount give it back."""
        self._buckets.spend(key, amount, time.time())

    def left(self, key: str) -> float:
        """What they may spend now."""
        return self._buckets.left(key, time.time())

    def share(self) -> None:
        """From now on other processes hear of what is spent here, and the other way round."""
        self._exchanging = asyncio.create_task(self._keep_exchanging(), name="budgets")

    async def close(self) -> None:
        """Each process is by itself again."""
        if self._exchanging:
            self._exchanging.cancel()
            await asyncio.wait([self._exchanging])
        await self._line.close()
        await self._redis.aclose()

    async def _keep_exchanging(self) -> None:
        while True:
            await asyncio.sleep(EXCHANGE_SECONDS)
            await self.exchange()

    async def exchange(self) -> None:
        """Tell what was spent here since last time, and hear what is left of that."""
        for part in _parts(self._buckets.spent()):
            await self._exchange_part(part)

    async def _exchange_part(self, spent: dict[str, float]) -> None:
        now, rate = time.time(), self.rate
        arguments: list[str | float] = [repr(now), rate.capacity, rate.per_second, *spent.values()]
        try:
            left: Sequence[bytes] = await self._line.ask(partial(self._exchange, list(spent), arguments))
        except RedisAwayError:
            return
        for key, text in zip(spent, left, strict=True):
            self._buckets.correct(key, float(text), now)


def _parts(spent: dict[str, float]) -> Iterator[dict[str, float]]:
    items = iter(spent.items())
    while part := dict(islice(items, AT_ONCE)):
        yield part


def key_of(who: str) -> str:
    """The key of their budget: who reads Redis learns no address."""
    return PREFIX + hashlib.sha256(who.encode(errors="surrogatepass")).hexdigest()[:32]
