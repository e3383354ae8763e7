"""Answers in Redis, and for each kind of documents a version: another one after each change.

An answer is good for the versions that were there before MongoDB was asked for it. A version is a number nobody can
guess, so that none comes again when Redis has forgotten it. Redis has a fixed number of places for answers, and the
digest decides which: whoever asks one thing after the other fills it to that and no further.
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

PLACE_DIGITS = 3
"""Digits of the digest that decide the place: 4,096 places, of one answer each."""

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
        self._untold: set[asyncio.Future[None]] = set()
        self._putting: set[asyncio.Task[None]] = set()

    async def look(self, digest: str, kinds: Iterable[str]) -> Found | None:
        """What there is under this digest; None: nothing can be said, nor kept."""
        if self._untold or time.monotonic() < self._rests_until:
            return None
        place, versions = self._place(digest), [self._version(kind) for kind in sorted(kinds)]
        read = await asyncio.shield(self._reads.join([place, *versions]))
        if read is None or not read.keys() >= set(versions):
            return None
        made_from, entry = b",".join(read[version] for version in versions), read.get(place)
        return Found(made_from, self._space.seal.opened(digest, made_from, entry) if entry else None)

    def put(self, digest: str, found: Found, answer: Answer, seconds: int) -> None:
        """Keep an answer that was made since this was found, in the background."""
        if len(self._putting) >= AT_ONCE:
            return
        entry = self._space.seal.closed(digest, found.versions, answer)
        task = asyncio.create_task(self._put(self._place(digest), entry, seconds), name="kept answer")
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)

    async def changed(self, kinds: Iterable[str]) -> None:
        """What was made from these kinds is no longer given to anybody once this returns, if Redis can be told in time.

        Else this process believes nothing that is kept, and keeps nothing, until it can. The others may: what they
        answer is as old as its hint allows, at most.
        """
        told = self._changes.join(kinds)
        if not self._untold:
            await asyncio.wait([told], timeout=REDIS_SECONDS)
        if not told.done():
            self._untold.add(told)
            told.add_done_callback(self._untold.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        await self._reads.close()
        await self._changes.close()
        for task in self._putting:
            task.cancel()
        if self._putting:
            await asyncio.wait(self._putting)
        await self._line.close()
        await self._redis.aclose()

    async def _read(self, names: set[str]) -> dict[str, bytes] | None:
        """Those that there are, versions in any case; None while Redis is away."""
        try:
            read = await self._values(names)
            if missing := [name for name in names - read.keys() if self._is_version(name)]:
                await self._line.ask(partial(self._renew, missing, only_new=True))
                read |= await self._values(missing)
        except RedisAwayError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return None
        return read

    async def _values(self, names: Iterable[str]) -> dict[str, bytes]:
        ordered = list(names)
        values = await self._line.ask(partial(self._redis.mget, ordered))
        return {name: value for name, value in zip(ordered, values, strict=True) if isinstance(value, bytes)}

    async def _tell(self, kinds: set[str]) -> None:
        """Give them other versions, as soon as Redis can be told."""
        names = [self._version(kind) for kind in kinds]
        while True:
            try:
                return await self._line.ask(partial(self._renew, names))
            except RedisAwayError:
                await asyncio.sleep(REST_SECONDS)

    async def _renew(self, names: Iterable[str], *, only_new: bool = False) -> None:
        for name in names:
            await self._redis.set(name, secrets.token_hex(8), ex=VERSION_SECONDS, nx=only_new)

    async def _put(self, place: str, entry: bytes, seconds: int) -> None:
        try:
            await self._line.ask(partial(self._redis.set, place, entry, ex=seconds))
        except RedisAwayError:
            self._rests_until = time.monotonic() + REST_SECONDS

    def _place(self, digest: str) -> str:
        return f"{PREFIX}{self._space.answers}:{digest[:PLACE_DIGITS]}"

    def _version(self, kind: str) -> str:
        return f"{PREFIX}version:{self._space.database}:{kind}"

    def _is_version(self, name: str) -> bool:
        return name.startswith(f"{PREFIX}version:")
