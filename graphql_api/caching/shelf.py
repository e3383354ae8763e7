"""Answers in Redis, and for each kind of documents a version: another one after each change.

An answer is good for the versions that were there before MongoDB was asked for it. A version is a number nobody can
guess, so that none comes again when Redis has forgotten it.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from graphql_api.caching.entries import Answer, Seal
from graphql_api.caching.turns import Turns
from settings.redis_client import Line, Patience, RedisAwayError, open_redis

REDIS_SECONDS = 0.25
"""How long a request may wait for Redis; the next ones do without it for a while, then."""

REST_SECONDS = 1.0
"""How long a Redis that did not answer is left alone."""

AT_ONCE = 20
"""How many answers are on their way to Redis at a time; more are not kept."""

VERSION_SECONDS = 24 * 60 * 60
"""How long a version is known without a change: longer than any answer is kept."""

PREFIX = "{postberry:answer}:"
"""What is in braces decides the slot of a cluster: what is read in one call has to be in one."""


class Space(NamedTuple):
    """What this program shares with others of its kind: versions with all of one database, answers with its equals."""

    database: str
    answers: str
    seal: Seal


class Found(NamedTuple):
    """What Redis has under a digest: the versions of now, and an answer that was made from them."""

    versions: bytes
    answer: Answer | None


class Shelf:
    """That of one process."""

    def __init__(self, redis_url: str, space: Space) -> None:
        self._space = space
        self._redis = open_redis(redis_url)
        self._line = Line(
            Patience(REDIS_SECONDS, AT_ONCE),
            away="answers are not kept, redis is away",
            back="answers are kept again",
        )
        self._reads = Turns(self._read)
        self._changes = Turns(self._tell)
        self._rests_until = 0.0
        self._is_behind = False
        self._putting: set[asyncio.Task[None]] = set()

    async def look(self, digest: str, kinds: Iterable[str]) -> Found | None:
        """What there is under this digest; None: nothing can be said, nor kept."""
        if self._is_behind or time.monotonic() < self._rests_until:
            return None
        name, versions = self._name(digest), [self._version(kind) for kind in sorted(kinds)]
        read = await asyncio.shield(self._reads.join([name, *versions]))
        known = [read.get(version) for version in versions]
        if not read or None in known:
            return None
        made_from = b",".join(filter(None, known))
        entry = read.get(name)
        return Found(made_from, self._space.seal.opened(name, made_from, entry) if entry else None)

    def put(self, digest: str, found: Found, answer: Answer, seconds: int) -> None:
        """Keep an answer that was made since this was found, in the background."""
        if len(self._putting) >= AT_ONCE:
            return
        name = self._name(digest)
        entry = self._space.seal.closed(name, found.versions, answer)
        task = asyncio.create_task(self._put(name, entry, seconds), name="kept answer")
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)

    async def changed(self, kinds: Iterable[str]) -> None:
        """What was made from these kinds is no longer given to anybody, once this returns: see `_tell` for when not."""
        told = asyncio.shield(self._changes.join(kinds))
        if not self._is_behind:
            await asyncio.wait([told], timeout=REDIS_SECONDS)

    async def close(self) -> None:
        """Give up what is under way."""
        await self._reads.close()
        await self._changes.close()
        for task in self._putting:
            task.cancel()
        await self._line.close()
        await self._redis.aclose()

    async def _read(self, names: set[str]) -> dict[str, bytes]:
        """Those that there are, versions in any case; none while Redis is away."""
        try:
            read = await self._values(names)
            if missing := [name for name in names - read.keys() if self._is_version(name)]:
                await self._line.ask(partial(self._renew, missing, only_new=True))
                read |= await self._values(missing)
        except RedisAwayError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return {}
        return read

    async def _values(self, names: Iterable[str]) -> dict[str, bytes]:
        ordered = list(names)
        values = await self._line.ask(partial(self._redis.mget, ordered))
        return {name: value for name, value in zip(ordered, values, strict=True) if isinstance(value, bytes)}

    async def _tell(self, kinds: set[str]) -> None:
        """Give them other versions, as soon as Redis can be told.

        Until then this process keeps nothing and believes nothing that is kept. The others may: Redis was away for
        this process, or all; what they answer was kept before and is as old as its hint allows, at most.
        """
        names = [self._version(kind) for kind in kinds]
        while not await self._is_told(names):
            self._is_behind = True
            await asyncio.sleep(REST_SECONDS)
        self._is_behind = False

    async def _is_told(self, names: Iterable[str]) -> bool:
        try:
            await self._line.ask(partial(self._renew, names))
        except RedisAwayError:
            return False
        return True

    async def _renew(self, names: Iterable[str], *, only_new: bool = False) -> None:
        for name in names:
            await self._redis.set(name, secrets.token_hex(8), ex=VERSION_SECONDS, nx=only_new)

    async def _put(self, name: str, entry: bytes, seconds: int) -> None:
        try:
            await self._line.ask(partial(self._redis.set, name, entry, ex=seconds))
        except RedisAwayError:
            self._rests_until = time.monotonic() + REST_SECONDS

    def _name(self, digest: str) -> str:
        return f"{PREFIX}{self._space.answers}:{digest}"

    def _version(self, kind: str) -> str:
        return f"{PREFIX}version:{self._space.database}:{kind}"

    def _is_version(self, name: str) -> bool:
        return name.startswith(f"{PREFIX}version:")
