"""Documents by their ids for all requests of a process: those that ask at the same time share one `find`.

As few calls as possible are under way for the same fields of a collection. What is asked for in the meantime waits for
one of them to end and then goes along in one call: so the busier a process is, the less each request costs it. Nobody
waits long for a call that hangs.
"""

import asyncio
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

from odmantic import ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from schema.engine import Document
from schema.projection import projection

MOST_IDS = 1_000
"""Ids of one call."""

AT_ONCE = 1
"""Calls that are under way for the same fields of a collection, unless one hangs; with two, fewer would go along."""

PATIENCE_SECONDS = 0.02
"""How long one may be waited for."""

Found = dict[ObjectId, Document]
Documents = AsyncCollection[Document]


@dataclass(slots=True, eq=False)
class Batch:
    """What goes along in one call."""

    ids: set[ObjectId] = field(default_factory=set)
    may_go: asyncio.Event = field(default_factory=asyncio.Event)
    found: asyncio.Task[Found] | None = None


class Finds:
    """Those of one process. Documents are everybody's: take them as read-only."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[Batch]] = {}
        self._under_way: dict[Hashable, int] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way, or waits."""
        return bool(self._under_way or self._waiting)

    async def by_id(self, collection: Documents, fields: frozenset[str] | None, ids: Collection[ObjectId]) -> Found:
        """At least those of the documents that are there, with these fields; all fields with None."""
        key = (collection.full_name, collection.read_preference.mode, fields)
        waiting = self._waiting.setdefault(key, [])
        if not waiting or len(waiting[-1].ids) + len(ids) > MOST_IDS:
            batch = Batch()
            batch.found = asyncio.create_task(self._find(key, batch, collection, fields))
            waiting.append(batch)
        waiting[-1].ids.update(ids)
        return await asyncio.shield(waiting[-1].found)  # type: ignore[arg-type]  # it is there from the start

    async def _find(self, key: Hashable, batch: Batch, collection: Documents, fields: frozenset[str] | None) -> Found:
        await self._turn(key, batch)
        self._leave(key, batch)
        self._under_way[key] = self._under_way.get(key, 0) + 1
        try:
            return await _found(collection, fields, batch.ids)
        finally:
            self._end(key)

    async def _turn(self, key: Hashable, batch: Batch) -> None:
        """Returns when the batch may go."""
        if self._under_way.get(key, 0) < AT_ONCE:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await batch.may_go.wait()
        except TimeoutError:
            return

    def _leave(self, key: Hashable, batch: Batch) -> None:
        waiting = self._waiting[key]
        waiting.remove(batch)
        if not waiting:
            del self._waiting[key]

    def _end(self, key: Hashable) -> None:
        self._under_way[key] -= 1
        if not self._under_way[key]:
            del self._under_way[key]
        if waiting := self._waiting.get(key):
            waiting[0].may_go.set()


async def _found(collection: Documents, fields: frozenset[str] | None, ids: set[ObjectId]) -> Found:
    size = len(ids) + 1  # one more than there can be, or MongoDB would have to be asked for the rest
    asked = None if fields is None else projection(fields)
    found = collection.find({"_id": {"$in": [*ids]}}, asked, batch_size=size)
    return {document["_id"]: document for document in await found.to_list()}
