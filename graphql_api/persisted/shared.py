"""Documents that clients sent with their hashes: remembered in this process, and for all processes in Redis.

Redis has a fixed number of places for them, and the hash decides which: whoever sends one document after the other
fills it to that and no further. What is read there is believed if its hash is right.
"""

import asyncio
import hashlib
import re
from functools import partial

from graphql_api.persisted.memory import Memory
from settings.redis_client import Line, Patience, RedisAwayError, open_redis

REDIS_SECONDS = 0.25
"""How long a request may wait for Redis."""

AT_ONCE = 20
"""How many may ask at a time; those who wait have no more time for it."""

KEPT_SECONDS = 24 * 60 * 60
"""How long Redis keeps one that nobody sends again."""

PLACE_DIGITS = 3
"""Digits of the hash that decide the place: 4,096 places, of one document each."""

PREFIX = "postberry:document:"

_DIGEST = re.compile(r"[0-9a-f]{64}")


def digest_of(text: bytes) -> str:
    """Its hash, as clients write it."""
    return hashlib.sha256(text).hexdigest()


def place_of(digest: str) -> str:
    """The key in Redis."""
    return PREFIX + digest[:PLACE_DIGITS]


class SharedDocuments:
    """Those of all processes, as this one knows them."""

    def __init__(self, redis_url: str, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._redis = open_redis(redis_url)
        self._line = Line(
            Patience(REDIS_SECONDS, AT_ONCE),
            away="persisted queries are each process's own, redis is away",
            back="persisted queries are shared again",
        )
        self._telling: set[asyncio.Task[None]] = set()

    def recall(self, digest: str) -> str | None:
        """The text of this hash, if this process remembers it."""
        return self._memory.get(digest)

    async def fetch(self, digest: str) -> str | None:
        """The text of this hash from Redis; None if it has none, or takes too long."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            found = await self._line.ask(partial(self._redis.get, place_of(digest)))
        except RedisAwayError:
            return None
        if not isinstance(found, bytes) or digest_of(found) != digest:
            return None
        self._memory.put(digest, text := found.decode(errors="replace"))
        return text

    def keep(self, digest: str, text: str) -> None:
        """Remember this valid document; Redis is told in the background."""
        self._memory.put(digest, text)
        task = asyncio.create_task(self._tell(digest, text), name="persisted query")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, digest: str, text: str) -> None:
        try:
            await self._line.ask(partial(self._redis.set, place_of(digest), text, ex=KEPT_SECONDS))
        except RedisAwayError:
            return

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._telling:
            task.cancel()
        if self._telling:
            await asyncio.wait(self._telling)
        await self._line.close()
        await self._redis.aclose()
