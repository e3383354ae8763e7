"""ODMantic's engine on PyMongo's own asynchronous client.

ODMantic is written for Motor, whose support has ended. Its calls are PyMongo's but for three: Motor awaits
`start_session`, and does not await `aggregate` and `start_transaction`. The classes here stand where these differ.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import Any, cast

from odmantic import AIOEngine, Model
from odmantic.session import AIOSession, AIOSessionBase, AIOTransaction
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from typing_extensions import override

Document = dict[str, Any]


class _Client:
    """All that ODMantic uses of a client after its database has been taken from it."""

    def __init__(self, client: AsyncMongoClient[Document]) -> None:
        self._client = client

    async def start_session(self) -> AsyncClientSession:
        return self._client.start_session()


class _Cursor:
    """A cursor opened by its first use."""

    def __init__(self, aggregate: Callable[[], Awaitable[AsyncCommandCursor[Document]]]) -> None:
        self._aggregate = aggregate

    async def to_list(self, length: int | None) -> list[Document]:
        async with await self._aggregate() as cursor:
            return await cursor.to_list(length)

    async def __aiter__(self) -> AsyncIterator[Document]:
        async with await self._aggregate() as cursor:
            async for document in cursor:
                yield document


class _Collection(AsyncCollection[Document]):
    @override
    def aggregate(self, *args: Any, **kwargs: Any) -> _Cursor:  # type: ignore[override]  # not awaited, on purpose
        return _Cursor(partial(super().aggregate, *args, **kwargs))


class _Session(AIOSession):
    @override
    def transaction(self) -> AIOTransaction:
        return _Transaction(self)


class _Transaction(AIOTransaction):
    @override
    async def start(self) -> None:
        if self._transaction_started:
            raise RuntimeError("Transaction already started")
        if not self._session_provided:
            await self.session.start()
        session = cast("AsyncClientSession", self.session.get_driver_session())
        self._transaction_context = await session.start_transaction()
        self._transaction_started = True

    @override
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(exc_type, exc, traceback)
        finally:  # ODMantic leaves a session of its own open
            if not self._session_provided and self.session.is_started:
                await self.session.end()


class Engine(AIOEngine):
    """ODMantic's asynchronous engine, all of it. Its `get_collection` is ODMantic's: see `Database.collection`."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        super().__init__(cast("Any", client), database)
        self.client = cast("Any", _Client(client))

    @override
    def get_collection(self, model: type[Model]) -> Any:
        return _Collection(cast("Any", self.database), model.__collection__)

    @override
    def session(self) -> AIOSession:
        return _Session(self)

    @override
    def transaction(self) -> AIOTransaction:
        """A transaction that fails under contention; `Database.in_transaction` runs again."""
        return _Transaction(self)

    @staticmethod
    @override
    def _get_session(session: Any) -> Any:
        """The driver's session of any of ODMantic's, not only of the two kinds it knows itself."""
        return cast("Any", session).get_driver_session() if isinstance(session, AIOSessionBase) else session
