"""What changes in MongoDB, told to whoever waits for it: one change stream for all of a process."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
from odmantic import Model, ObjectId
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import ConnectionFailure, PyMongoError

from schema.database import Database
from schema.engine import Document

T = TypeVar("T")

RETRY_SECONDS = 1.0
"""How long a read waits for a MongoDB that is away, each time."""

LONGEST_PAUSE = 5.0
"""The longest time between two tries to open the stream again, in seconds."""

AWAIT_MILLISECONDS = 5_000
"""How long MongoDB holds back its answer while nothing changes."""

_CHANGED = ("insert", "update", "replace", "delete")

log = structlog.get_logger(__name__)


class Changes:
    """The change feed of one process, for the documents of the watched models.

    The stream is opened for the first listener and stays open. After an outage it goes on where it was; where MongoDB
    no longer knows that place it begins anew, and every listener is told to look again.
    """

    def __init__(self, database: Database, watched: Collection[type[Model]]) -> None:
        self._database = database
        self._watched = [model.__collection__ for model in watched]
        self._listeners: dict[tuple[str, ObjectId], set[asyncio.Event]] = {}
        self._token: Any = None
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def watches(self, model: type[Model]) -> bool:
        """Whether the documents of this model can be followed."""
        return model.__collection__ in self._watched

    async def follow(
        self, model: type[Model], document_id: ObjectId, read: Callable[[], Awaitable[Document | None]]
    ) -> AsyncGenerator[Document | None, None]:
        """What `read` answers now, and again each time the document changed and the answer is another.

        Changes that come while the last one is still being handled are one. Close it: `contextlib.aclosing`.
        """
        with self.listen((model, document_id)) as changed:
            latest = await finished(read())
            while True:
                yield latest
                seen = latest
                while latest == seen:
                    await changed.wait()
                    changed.clear()
                    latest = await patiently(read)

    @contextmanager
    def listen(self, *documents: tuple[type[Model], ObjectId]) -> Iterator[asyncio.Event]:
        """An event that is set when one of the documents may have changed. Clear it before you read.

        Read once within it, without waiting: nothing that changes from then on is missed.
        """
        changed = asyncio.Event()
        keys = [(model.__collection__, document_id) for model, document_id in documents]
        for key in keys:
            self._require_watched(key[0])
            self._listeners.setdefault(key, set()).add(changed)
        self._start()
        try:
            yield changed
        finally:
            for key in keys:
                self._leave(key, changed)

    def _require_watched(self, collection: str) -> None:
        if collection not in self._watched:
            raise LookupError(f"nobody would tell of changes in {collection}: the feed does not watch it")

    def _leave(self, key: tuple[str, ObjectId], changed: asyncio.Event) -> None:
        self._listeners[key].discard(changed)
        if not self._listeners[key]:
            del self._listeners[key]

    def _start(self) -> None:
        if self._task is None:
            # in a context of its own: its log lines belong to no request
            self._task = asyncio.create_task(self._run(), name="change feed", context=contextvars.Context())

    async def close(self) -> None:
        """End the stream, also while MongoDB does not answer."""
        while self._task and not self._task.done():
            self._task.cancel()  # once more each second: closing the cursor may hang, and is cancelled then
            await asyncio.wait([self._task], timeout=1)

    async def _run(self) -> None:
        while True:
            try:
                await self._stream()
            except ConnectionFailure as error:
                self._log_outage(error)
            except PyMongoError as error:
                self._token = None  # what MongoDB refuses, like a place it no longer knows, is not asked for again
                self._log_outage(error)
            except Exception:  # a fault of ours must not leave every listener waiting for ever
                self._token = None
                log.exception("change feed raised, beginning anew")
            self._failures += 1
            await asyncio.sleep(min(LONGEST_PAUSE, 0.05 * 2**self._failures))

    async def _stream(self) -> None:
        """Tell the listeners of every change, until an error, or until the database is dropped."""
        async with await self._opened() as stream:
            while stream.alive:
                change = await stream.try_next()
                self._token = stream.resume_token
                if change:
                    self._tell(self._listeners.get((change["ns"]["coll"], change["documentKey"]["_id"]), ()))
        self._token = None

    async def _opened(self) -> AsyncChangeStream[Document]:
        only: list[Document] = [
            {"$match": {"ns.coll": {"$in": self._watched}, "operationType": {"$in": _CHANGED}}},
            {"$project": {"ns.coll": 1, "documentKey": 1}},
        ]
        database = self._database.client[self._database.engine.database_name]
        stream = await database.watch(only, resume_after=self._token, max_await_time_ms=AWAIT_MILLISECONDS)
        if self._token is None:  # what was there before is not told of
            self._tell({changed for listeners in self._listeners.values() for changed in listeners})
        if self._failures:
            log.info("change feed is back", resumed=self._token is not None)
        self._failures = 0
        return stream

    def _tell(self, listeners: Collection[asyncio.Event]) -> None:
        for changed in listeners:
            changed.set()

    def _log_outage(self, error: PyMongoError) -> None:
        if not self._failures:
            log.warning("change feed interrupted, trying again", error=str(error)[:200])


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """What `read` answers, once MongoDB is there."""
    while True:
        try:
            return await finished(read())
        except ConnectionFailure:  # the feed has said so
            await asyncio.sleep(RETRY_SECONDS)


async def finished(reading: Awaitable[T]) -> T:
    """The answer; who is cancelled meanwhile waits for it: a read that is cut off costs its connection to MongoDB."""
    task = asyncio.ensure_future(reading)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
