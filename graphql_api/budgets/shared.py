"""Budgets that all processes share through Redis, without a request ever waiting for it.

Each process spends from what it knows is left, and a few times a second tells Redis what it spent and hears what is
left by all. So clients may overspend by what they get from several processes within that time; while Redis is away,
by what they get from each process.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, islice

from graphql_api.budgets.buckets import Account, Buckets
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
local left, now = {}, tonumber(ARGV[1])
for number, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[3 * number - 1]), tonumber(ARGV[3 * number])
  local known = redis.call('HMGET', key, 'left', 'at')
  local before, at = tonumber(known[1]) or capacity, tonumber(known[2]) or now
  local full = math.min(capacity, before + math.max(0, now - at) * rate)
  local after = full - tonumber(ARGV[3 * number + 1])
  redis.call('HSET', key, 'left', tostring(after), 'at', tostring(math.max(now, at)))
  redis.call('PEXPIRE', key, math.ceil((capacity - after) / rate * 1000) + 1000)
  left[number] = tostring(after)
end
return left
"""
"""What is left of each budget after so much was spent of it. It is told the time, a budget fills up since the last.

Its arguments are the time, and for each key what a full budget holds, what comes back each second, and what was spent.
"""


class Budgets:
    """Those of this process, each of its own rate."""

    def __init__(self, redis_url: str) -> None:
        self._buckets = Buckets()
        self._redis = open_redis(redis_url)
        self._line = Line(
            Patience(REDIS_SECONDS, at_once=1),
            away="budgets are each process's own, redis is away",
            back="budgets are shared again",
        )
        self._exchanging: asyncio.Task[None] | None = None
        self._exchange = self._redis.register_script(EXCHANGE)

    def take(self, charges: Mapping[Account, float]) -> float:
        """Spend all of them: 0. Else nothing: the seconds until they may be spent."""
        return self._buckets.take(charges, time.time())

    def spend(self, account: Account, amount: float) -> None:
        """Take it, or with a negative amount give it back."""
        self._buckets.spend(account, amount, time.time())

    def left(self, account: Account) -> float:
        """What may be spent of it now."""
        return self._buckets.left(account, time.time())

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

    async def _exchange_part(self, spent: dict[Account, float]) -> None:
        keys, now = [account.key for account in spent], time.time()
        try:
            left: Sequence[bytes] = await self._line.ask(partial(self._exchange, keys, _arguments(spent, now)))
        except RedisAwayError:
            return
        for account, text in zip(spent, left, strict=True):
            self._buckets.correct(account, float(text), now)


def _arguments(spent: dict[Account, float], now: float) -> list[str | float]:
    told = ((account.rate.capacity, account.rate.per_second, amount) for account, amount in spent.items())
    return [repr(now), *chain.from_iterable(told)]


def _parts(spent: dict[Account, float]) -> Iterator[dict[Account, float]]:
    items = iter(spent.items())
    while part := dict(islice(items, AT_ONCE)):
        yield part


@lru_cache(maxsize=10_000)
def key_of(who: str) -> str:
    """The key of a budget of theirs: who reads Redis learns no address."""
    return PREFIX + hashlib.sha256(who.encode(errors="surrogatepass")).hexdigest()[:32]
