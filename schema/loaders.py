"""Documents by their ids, in batches: what is asked for in one tick of the event loop is one `find`.

    author = await context.loaders.by_id(Author, frozenset({"name"})).load(book["author_id"])

So the number of calls depends on the depth of a query, never on the number of rows.
"""

import asyncio
from collections.abc import Iterable, Sequence

from odmantic import Model, ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from schema.database import Database
from schema.engine import Document
from schema.finds import MOST_IDS, Finds, Found

LARGEST_BATCH = MOST_IDS


class Loader:
    """Documents of one collection with the same fields. Each id is asked for once; take its document as read-only.

    What is not in the first of the collections is looked for in the next: a secondary may not have it yet.
    """

    def __init__(
        self, finds: Finds, collections: Sequence[AsyncCollection[Document]], fields: frozenset[str] | None
    ) -> None:
        self._finds = finds
        self._collections = collections
        self._fields = fields
        self._batch_of: dict[ObjectId, asyncio.Task[Found]] = {}
        self._ids: list[ObjectId] = []
        self._is_open = False

    async def load(self, document_id: ObjectId) -> Document | None:
        """The document, or None if there is none."""
        batch = self._batch_of.get(document_id)
        if batch is None:
            batch = self._enter(document_id)
        found = await asyncio.shield(batch)  # others wait for it, too
        return found.get(document_id)

    async def load_all(self, document_ids: Iterable[ObjectId]) -> Found:
        """Those of the documents that are there, by their ids."""
        known = self._batch_of
        batches = {known.get(each) or self._enter(each) for each in document_ids}
        if len(batches) == 1:
            return await asyncio.shield(batches.pop())
        found: Found = {}
        for batch in batches:
            found |= await asyncio.shield(batch)
        return found

    def _enter(self, document_id: ObjectId) -> asyncio.Task[Found]:
        batch = self._batch_of[document_id] = self._join(document_id)
        return batch

    def _join(self, document_id: ObjectId) -> asyncio.Task[Found]:
        """The batch that takes this id: it starts in the next tick, and takes all that comes until then."""
        if self._is_open and len(self._ids) < LARGEST_BATCH:
            self._ids.append(document_id)
        else:
            self._ids, self._is_open = [document_id], True
            self._batch = asyncio.create_task(self._find(self._ids))
        return self._batch

    async def _find(self, ids: list[ObjectId]) -> Found:
        if ids is self._ids:
            self._is_open = False
        found: Found = {}
        for collection in self._collections:
            missing = [document_id for document_id in ids if document_id not in found]
            if missing:
                found |= await self._finds.by_id(collection, self._fields, missing)
        return found


class Loaders:
    """All that one request reads by ids; made anew for each, since what has been read is kept.

    Requests that are given the same `finds` read together what they read at the same time.
    """

    def __init__(self, database: Database, finds: Finds | None = None) -> None:
        self._database = database
        self.finds = finds or Finds()
        """For what is to be read anew, and by nobody remembered."""

        self._loaders: dict[tuple[type[Model], frozenset[str] | None], Loader] = {}

    def by_id(self, model: type[Model], fields: frozenset[str] | None, places: Sequence[Database] = ()) -> Loader:
        """The loader of these fields of a model's documents; of all their fields with None.

        With `places` they are looked for in the first of these, and so on. Give the same for a model each time.
        """
        key = (model, fields)
        if key not in self._loaders:
            collections = [place.collection(model) for place in places or (self._database,)]
            self._loaders[key] = Loader(self.finds, collections, fields)
        return self._loaders[key]

    def clear(self) -> None:
        """Read anew from here on: something was changed."""
        self._loaders.clear()
