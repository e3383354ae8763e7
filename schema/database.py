"""MongoDB for both programs: ODMantic's engine on PyMongo's own asynchronous client, and the one place of transactions.

ODMantic expects Motor, whose support has ended; `Engine` bridges the calls in which PyMongo differs from it.

Datetimes are aware and in UTC: those read always are, so build them with `datetime.now(UTC)`. ODMantic refuses other
zones and keeps milliseconds, as MongoDB does.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from odmantic import AIOEngine, Model
from odmantic.engine import AIOCursor
from odmantic.session import AIOSession, AIOSessionBase, AIOTransaction
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.errors import ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern
from typing_extensions import override

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=Model)
Document = dict[str, Any]

DEFAULT_DATABASE = "postberry"
_DEFAULTS = {"serverSelectionTimeoutMS": 5_000, "connectTimeoutMS": 5_000, "socketTimeoutMS": 30_000}
_REPLICA_SET_SERVERS = {"RSPrimary", "RSSecondary", "Mongos", "LoadBalancer"}


class NoReplicaSetError(RuntimeError):
    """The server is no member of a replica set, and so has no transactions."""

    def __init__(self) -> None:
        super().__init__(
            "MongoDB has to run as a replica set, one node is enough: transactions need it. "
            "Start mongod with --replSet rs0 and run rs.initiate() once in mongosh."
        )


class _Cursor:
    """A cursor opened by its first use, as Motor's is; PyMongo's aggregate has to be awaited."""

    def __init__(self, opening: Awaitable[AsyncCommandCursor[Document]]) -> None:
        self._opening = opening

    async def to_list(self, length: int | None) -> list[Document]:
        async with await self._opening as cursor:
            return await cursor.to_list(length)

    async def __aiter__(self) -> AsyncIterator[Document]:
        async with await self._opening as cursor:
            async for document in cursor:
                yield document


class Session(AIOSession):
    """ODMantic's session: PyMongo starts one without waiting."""

    session: AsyncClientSession | None

    @override
    async def start(self) -> None:
        if self.is_started:
            raise RuntimeError("Session is already started")
        self.session = self.engine.client.start_session()

    @override
    def transaction(self) -> "ManualTransaction":
        return ManualTransaction(self)


class ManualTransaction(AIOTransaction):
    """ODMantic's transaction. It never runs again by itself: prefer `Database.in_transaction`."""

    def __init__(self, context: "Engine | Session") -> None:
        super().__init__(context)
        if not self._session_provided:
            self.session = Session(self.engine)

    @override
    async def start(self) -> None:
        if self._transaction_started:
            raise RuntimeError("Transaction already started")
        if not self._session_provided:
            await self.session.start()
        self._transaction_context = await self.session.get_driver_session().start_transaction()
        self._transaction_started = True

    @override
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await super().__aexit__(exc_type, exc, traceback)
        if not self._session_provided and self.session.is_started:
            await self.session.end()


class Engine(AIOEngine):
    """ODMantic's whole engine; only what the driver does differently is overridden."""

    @override
    def find(self, model, *queries, **options):
        cursor = super().find(model, *queries, **options)
        cursor._cursor = _Cursor(cursor._cursor)
        return cursor

    @override
    async def save(self, instance, *, session=None):
        if session is not None:
            return await super().save(instance, session=session)
        async with self.session() as own:
            return await super().save(instance, session=own)

    @override
    async def save_all(self, instances, *, session=None):
        if session is not None:
            return await super().save_all(instances, session=session)
        async with self.session() as own:
            return await super().save_all(instances, session=own)

    @override
    def session(self) -> Session:
        return Session(self)

    @override
    def transaction(self) -> ManualTransaction:
        return ManualTransaction(self)

    @staticmethod
    def _get_session(session):
        return session.session if isinstance(session, Transaction) else AIOEngine._get_session(session)


class Transaction(AIOSessionBase):
    """One run of a transaction: ODMantic's operations bound to it, and the driver's session for the rest."""

    def __init__(self, database: "Database", session: AsyncClientSession) -> None:
        self.database = database
        self.engine = database.engine
        self.session = session
        self.callbacks: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once this run is committed, never if it is not. It must not raise: the work is done."""
        self.callbacks.append(callback)


@dataclass(frozen=True, slots=True)
class Database:
    """The MongoDB database of one process: ODMantic's engine over PyMongo's AsyncMongoClient."""

    client: AsyncMongoClient[Document]
    engine: Engine

    def collection(self, model: type[Model]) -> AsyncCollection[Document]:
        """The driver's collection of a model, for reads of raw documents and find_one_and_update."""
        return self.engine.get_collection(model)

    async def in_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, once all it did is committed; nothing of it stays if it raises or is cancelled.

        Under contention `work` runs again, so build documents inside it: ODMantic believes a document of an aborted
        run to be saved. Let the driver's errors pass through it: they decide whether to run again.
        """
        runs: list[Transaction] = []

        async def run(session: AsyncClientSession) -> T:
            runs.append(Transaction(self, session))
            return await work(runs[-1])

        async with self.client.start_session() as session:
            result = await session.with_transaction(run, ReadConcern("snapshot"), WriteConcern("majority"))
        for callback in runs[-1].callbacks:
            callback()
        return result

    async def close(self) -> None:
        """Close every connection."""
        await self.client.close()


async def connect(url: str, *, app_name: str) -> Database:
    """The database that `url` names, of a server that is up and has transactions; NoReplicaSetError if it has none."""
    given = {name.lower() for name, _ in parse_qsl(urlsplit(url).query)}
    options = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        url,
        appname=app_name,
        tz_aware=True,
        tzinfo=UTC,
        uuidRepresentation="standard",
        w="majority",
        retryWrites=True,
        **options,
    )
    try:
        await _require_replica_set(client)
    except BaseException:
        await client.close()
        raise
    return Database(client, Engine(client, client.get_default_database(DEFAULT_DATABASE).name))


async def _require_replica_set(client: AsyncMongoClient[Document]) -> None:
    hello = await client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise NoReplicaSetError
