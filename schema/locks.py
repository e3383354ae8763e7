"""Locks by document: what would collide in MongoDB waits its turn in memory instead.

They spare the runs that a collision costs, within one process. Nothing may depend on them: transactions are what keeps
several processes apart.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from odmantic import ObjectId


class Locks:
    """The locks of one process, each as long as somebody holds it or waits for it; who waits longest is next."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[ObjectId, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def held(self, document_ids: Iterable[ObjectId]) -> AsyncIterator[None]:
        """Alone with all these documents. They are locked in one order, so that nobody waits for each other."""
        async with AsyncExitStack() as stack:
            for document_id in sorted(set(document_ids)):
                await stack.enter_async_context(self._locks.setdefault(document_id, asyncio.Lock()))
            yield
