from typing import Any

import pytest
from odmantic.exceptions import DocumentNotFoundError
from pymongo.errors import OperationFailure

from schema.database import Database
from tests.schema.models import Author, Book, Counter

pytestmark = pytest.mark.anyio


class _WorkError(Exception):
    pass


async def test_a_session_offers_all_that_the_engine_does(database: Database) -> None:
    async with database.engine.session() as session:
        one, two = await session.save_all([Counter(name="a"), Counter(name="b")])
        await session.save(Counter(name="c"))
        assert await session.find(Counter, sort=Counter.name, limit=2) == [one, two]
        assert [counter.name async for counter in session.find(Counter, skip=2)] == ["c"]
        await session.delete(one)
        assert await session.find_one(Counter, Counter.name == "a") is None
        assert await session.remove(Counter, Counter.name == "b") == 1
        assert await session.count(Counter) == 1


async def test_a_session_is_started_and_ended_once(database: Database) -> None:
    session = database.engine.session()
    with pytest.raises(RuntimeError, match="not started"):
        await session.find_one(Counter)
    await session.start()
    with pytest.raises(RuntimeError, match="already started"):
        await session.start()
    driver_session: Any = session.get_driver_session()
    await session.end()
    assert driver_session.has_ended
    with pytest.raises(RuntimeError, match="not started"):
        await session.end()


async def test_the_engine_takes_a_session_of_either_kind(database: Database) -> None:
    async with database.client.start_session() as driver_session, database.engine.session() as session:
        await database.engine.save(Counter(name="a"), session=driver_session)  # type: ignore[arg-type]  # Motor's type
        assert await database.engine.count(Counter, session=session) == 1


async def test_a_transaction_shows_its_changes_when_it_is_committed(database: Database) -> None:
    transaction = database.engine.transaction()
    await transaction.start()
    await transaction.save(Counter(name="a"))
    assert await transaction.count(Counter) == 1
    assert await database.engine.count(Counter) == 0
    await transaction.commit()
    assert await database.engine.count(Counter) == 1


async def test_an_aborted_transaction_leaves_nothing(database: Database) -> None:
    author = Author(email="a@example.com")
    async with database.engine.transaction() as transaction:
        await transaction.save(Book(title="Postberry", author=author))
        await transaction.abort()
    assert await database.engine.count(Book) == await database.engine.count(Author) == 0


async def test_a_transaction_block_commits_at_its_end(database: Database) -> None:
    async with database.engine.transaction() as transaction:
        await transaction.save(Counter(name="a"))
    assert await database.engine.count(Counter) == 1


async def test_a_transaction_block_that_raises_leaves_nothing(database: Database) -> None:
    async def work() -> None:
        async with database.engine.transaction() as transaction:
            await transaction.save(Counter(name="a"))
            raise _WorkError

    with pytest.raises(_WorkError):
        await work()
    assert await database.engine.count(Counter) == 0


async def test_a_transaction_block_ends_its_session(database: Database) -> None:
    async with database.engine.transaction() as transaction:
        driver_session: Any = transaction.get_driver_session()
    assert driver_session.has_ended
    with pytest.raises(RuntimeError, match="not started"):
        await transaction.commit()


async def test_a_transaction_of_a_session_leaves_the_session_open(database: Database) -> None:
    async with database.engine.session() as session:
        async with session.transaction() as transaction:
            await transaction.save(Counter(name="a"))
            await transaction.commit()
        async with session.transaction() as transaction:
            await transaction.save(Counter(name="b"))
            await transaction.abort()
        assert await session.count(Counter) == 1


async def test_a_transaction_is_started_once(database: Database) -> None:
    async with database.engine.session() as session, session.transaction() as transaction:
        with pytest.raises(RuntimeError, match="Transaction already started"):
            await transaction.start()
    with pytest.raises(RuntimeError, match="session is not started"):
        database.engine.session().transaction()


async def test_a_transaction_of_odmantic_fails_under_contention(database: Database) -> None:
    counter = await database.engine.save(Counter(name="a"))
    async with database.engine.transaction() as first, database.engine.transaction() as second:
        await first.save(Counter(id=counter.id, name="first"))
        with pytest.raises(OperationFailure, match="WriteConflict"):
            await second.save(Counter(id=counter.id, name="second"))
        await second.abort()


async def test_a_failed_delete_in_a_transaction_is_the_same_error(database: Database) -> None:
    async with database.engine.transaction() as transaction:
        with pytest.raises(DocumentNotFoundError):
            await transaction.delete(Counter(name="never saved"))
