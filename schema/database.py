"""MongoDB for both programs: the connection, and the one place where transactions are opened.

Datetimes are aware and in UTC: those read always are, so build them with `datetime.now(UTC)`. ODMantic refuses other
zones and keeps milliseconds, as MongoDB does.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pymongo
import structlog
from anyio import CancelScope
from odmantic import Model
from odmantic.session import AIOSessionBase
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ConnectionFailure, PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import _ServerMode, make_read_preference, read_pref_mode_from_name
from pymongo.write_concern import WriteConcern

from schema.engine import Document, Engine
from schema.errors import TimedOut
from schema.monitoring import Listener
from schema.writes import Writes, noted

T = TypeVar("T")

Wrote = Callable[[Collection[str]], Awaitable[None]]
"""Told of the collections that a transaction has written to, before its caller knows of it. It must not raise."""

TRANSACTION_SECONDS = 10.0
"""How long a transaction may take, all its runs together: a client that waits is told in time that MongoDB is away."""

MAX_STALENESS_SECONDS = 90
"""How far a secondary may be behind; MongoDB takes no less."""

log = structlog.get_logger(__name__)

DEFAULT_DATABASE = "postberry"
_UNDONE = "TransientTransactionError"
"""MongoDB's label for what ended a transaction before it was committed."""

_TIMEOUTS = {"serverSelectionTimeoutMS": 5_000, "connectTimeoutMS": 5_000, "socketTimeoutMS": 30_000}


class UnusableDatabaseError(RuntimeError):
    """There is a server, and waiting will not make it one that can be used."""


class UntrustedServerError(UnusableDatabaseError):
    """Nobody that is trusted vouches for the certificates of the servers, or they are those of others."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"MongoDB's certificate does not hold ({reason}). In DB_URL name who signed it, as tlsCAFile, "
            "and the server as its certificate does."
        )


class NoReplicaSetError(UnusableDatabaseError):
    """The server belongs to no replica set, so it has no transactions."""

    def __init__(self) -> None:
        super().__init__(
            "MongoDB has to run as a replica set (one node is enough), because transactions need one: start mongod "
            "with --replSet rs0 and run rs.initiate() in mongosh once. A replicaSet in the URL has to be its name."
        )


class Transaction(AIOSessionBase):
    """One run of a transaction: ODMantic's operations bound to it, and the driver's session for all others."""

    def __init__(self, database: "Database", session: AsyncClientSession) -> None:
        self.database = database
        self.engine = database.engine
        self.session = session
        self.callbacks: list[Callable[[], None]] = []
        self.is_complete = False

    def get_driver_session(self) -> AsyncClientSession:
        """The driver's session, as every session of ODMantic gives it."""
        return self.session

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once this run is committed, never if it is not. It must not raise: the work is done."""
        self.callbacks.append(callback)


@dataclass(frozen=True, slots=True)
class Database:
    """The MongoDB database of one process: ODMantic's engine over PyMongo's AsyncMongoClient.

    The driver's collections read on the primary, unless there is a `read_preference`.
    """

    client: AsyncMongoClient[Document]
    engine: Engine
    read_preference: _ServerMode | None = None
    wrote: Wrote | None = None
    _collections: dict[str, AsyncCollection[Document]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Made once: to make one takes as long as a tenth of a command."""

    def collection(self, model: type[Model]) -> AsyncCollection[Document]:
        """The driver's own collection of a model: for raw documents and find_one_and_update."""
        name = model.__collection__
        if (known := self._collections.get(name)) is None:
            database = self.client[self.engine.database_name]
            known = self._collections[name] = AsyncCollection(database, name, read_preference=self.read_preference)
        return known

    def reading(self, mode: str) -> "Database":
        """The same where the driver's collections read as one of PyMongo's modes says: `primary`, `nearest` and so on.

        A secondary that lags by more than `MAX_STALENESS_SECONDS` is not read.
        """
        if mode == "primary":
            return self
        number = read_pref_mode_from_name(mode)
        return replace(self, read_preference=make_read_preference(number, None, MAX_STALENESS_SECONDS))

    async def in_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, once all it did is committed; nothing of it stays if it raises or is cancelled.

        Under contention `work` runs again, so build documents inside it: ODMantic believes a document of an aborted
        run to be saved. Let the driver's errors pass through it: they decide whether to run again.
        """
        runs: list[Transaction] = []
        task = asyncio.create_task(self._transact(work, runs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not (runs and runs[-1].is_complete):
                task.cancel()
            with CancelScope(shield=True):  # left unfinished, it would lock its documents for a minute
                await asyncio.wait([task])
            raise

    async def _transact(self, work: Callable[[Transaction], Awaitable[T]], runs: list[Transaction]) -> T:
        async def run(session: AsyncClientSession) -> T:
            runs.append(Transaction(self, session))
            result = await work(runs[-1])
            if (task := asyncio.current_task()) and task.cancelling():  # Python 3.11 can lose it within the driver
                raise asyncio.CancelledError
            runs[-1].is_complete = True
            return result

        with noted() as written:
            try:
                async with self.client.start_session() as session:
                    with _giving_up(runs), pymongo.timeout(TRANSACTION_SECONDS):
                        result = await session.with_transaction(run, ReadConcern("snapshot"), WriteConcern("majority"))
            finally:  # also where nobody knows whether it was committed
                if self.wrote and written and runs[-1].is_complete:
                    await self.wrote(written)
        for callback in runs[-1].callbacks:
            callback()
        return result

    async def close(self) -> None:
        """Close every connection."""
        await self.client.close()


@contextmanager
def _giving_up(runs: list[Transaction]) -> Iterator[None]:
    """Say so to the client, who may try again: its documents were being changed by others for all of the time."""
    try:
        yield
    except PyMongoError as error:
        was_cut_off = error.timeout and bool(runs) and not runs[-1].is_complete
        if not (was_cut_off or error.has_error_label(_UNDONE)):
            raise
        log.warning("a transaction was given up, nothing of it stays", error=repr(error)[:200])
        raise TimedOut("This took too long, and nothing was changed. Try again.") from error


async def connect(url: str, *, app_name: str, listeners: Sequence[Listener] = ()) -> Database:
    """The database that `url` names, on a server that is up.

    Raises:
        UnusableDatabaseError: it has no transactions, or its certificate does not hold.
    """
    given = {name.lower() for name, _ in parse_qsl(urlsplit(url).query)}
    options: dict[str, Any] = {name: value for name, value in _TIMEOUTS.items() if name.lower() not in given}
    options |= {
        "event_listeners": [*listeners, Writes()],
        "appname": app_name,
        "tz_aware": True,
        "tzinfo": UTC,
        "uuidRepresentation": "standard",
    }
    client: AsyncMongoClient[Document] = AsyncMongoClient(url, w="majority", retryWrites=True, **options)
    try:
        await _require_replica_set(client)
    except BaseException:
        await client.close()
        raise
    return Database(client, Engine(client, client.get_default_database(DEFAULT_DATABASE).name))


async def connect_within(seconds: float, url: str, *, app_name: str, listeners: Sequence[Listener] = ()) -> Database:
    """`connect`, tried again while no server answers; the last error after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return await connect(url, app_name=app_name, listeners=listeners)
        except ConnectionFailure as error:
            if time.monotonic() > end:
                raise
            log.warning("mongodb is away, trying again", error=str(error)[:200])
            await asyncio.sleep(1)


async def _require_replica_set(client: AsyncMongoClient[Document]) -> None:
    try:
        hello = await client.admin.command("hello")
    except ServerSelectionTimeoutError as error:
        servers = client.topology_description.server_descriptions().values()
        reasons = [str(server.error) for server in servers]
        if reasons and all("CERTIFICATE_VERIFY_FAILED" in reason for reason in reasons):
            raise UntrustedServerError(reasons[0].partition(" (_ssl")[0]) from error
        if all(server.server_type_name == "RSGhost" for server in servers):  # not initiated; or not of that name: none
            raise NoReplicaSetError from error
        raise
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise NoReplicaSetError
