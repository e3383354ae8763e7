"""Answers to who shows nothing of themselves: from Redis, from a request that asks the same just now, or new."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from graphql import ExecutionResult

from graphql_api.caching.entries import Answer
from graphql_api.caching.question import Question
from graphql_api.caching.shelf import Found, Shelf

MOST_BYTES = 64 * 1024
"""The largest answer that is kept."""

OUTCOMES = ("hit", "joined", "miss", "away")

Compute = Callable[[], Awaitable[Answer | ExecutionResult]]
"""Makes the answer; one with errors, or without data, as it is."""


class Answers:
    """Those of one process, made from these kinds of documents. `counted` is told of each of the OUTCOMES."""

    def __init__(self, shelf: Shelf, kinds: Collection[str], counted: Callable[[str], None] = lambda _: None) -> None:
        self._shelf = shelf
        self._kinds = frozenset(kinds)
        self._counted = counted
        self._under_way: dict[tuple[str, bytes], asyncio.Future[Answer | None]] = {}

    async def get(self, question: Question, variables: Mapping[str, Any], compute: Compute) -> Answer | ExecutionResult:
        """The answer to a question whose hint is public."""
        digest = question.digest(variables)
        found = await self._shelf.look(digest, question.hint.kinds) if digest else None
        if not digest or not found:
            self._counted("away")
            return await compute()
        if found.answer:
            self._counted("hit")
            return found.answer
        return await self._joined(digest, found) or await self._made(question, digest, found, compute)

    async def changed(self, written: Collection[str]) -> None:
        """These collections were written to: what was made from their documents is given to nobody any more."""
        if kinds := self._kinds.intersection(written):
            await self._shelf.changed(kinds)

    async def close(self) -> None:
        """Give up what is under way."""
        await self._shelf.close()

    async def _joined(self, digest: str, found: Found) -> Answer | None:
        """That of another request. It has seen the same versions: what was changed before this one came, it knows."""
        other = self._under_way.get((digest, found.versions))
        answer = await asyncio.shield(other) if other else None
        if answer:
            self._counted("joined")
        return answer

    async def _made(self, question: Question, digest: str, found: Found, compute: Compute) -> Answer | ExecutionResult:
        self._counted("miss")
        mine: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        key = (digest, found.versions)
        self._under_way.setdefault(key, mine)
        made: Answer | ExecutionResult | None = None
        try:
            made = await compute()
        finally:
            mine.set_result(made if isinstance(made, Answer) else None)
            if self._under_way.get(key) is mine:
                del self._under_way[key]
        if isinstance(made, Answer) and len(made.data) <= MOST_BYTES:
            self._shelf.put(digest, found, made, int(question.hint.seconds))
        return made
