import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

import pytest
from anyio import move_on_after
from motor.motor_asyncio import AsyncIOMotorClient
from odmantic.exceptions import DuplicateKeyError
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError

from schema.database import Database, NoReplicaSetError, Transaction, connect
from tests.schema.models import Author, Counter

pytestmark = pytest.mark.anyio


class _WorkError(Exception):
    pass


def _saving(*names: str) -> Callable[[Transaction], Awaitable[None]]:
    async def work(transaction: Transaction) -> None:
        await transaction.save_all([Counter(name=name) for name in names])

    return work


async def _assert_nothing_is_locked(database: Database, counter: Counter) -> None:
    async with database.engine.transaction() as transaction:  # it conflicts with any other that wrote the document
        await transaction.save(Counter(id=counter.id, name="free", value=counter.value))


async def test_a_transaction_returns_what_its_work_returns(database: Database) -> None:
    async def work(transaction: Transaction) -> int:
        await transaction.save(Counter(name="a"))
        return await transaction.count(Counter)

    assert await database.in_transaction(work) == 1
    assert await database.engine.count(Counter) == 1


async def test_nothing_is_seen_of_a_transaction_before_its_commit(database: Database) -> None:
    async def work(transaction: Transaction) -> int:
        await transaction.save(Counter(name="a"))
        return await database.engine.count(Counter)

    assert await database.in_transaction(work) == 0


async def test_the_driver_takes_part_through_the_session(database: Database) -> None:
    async def work(transaction: Transaction) -> None:
        await database.collection(Counter).insert_one({"name": "raw"}, session=transaction.session)
        await database.engine.save(Counter(name="engine"), session=transaction)  # type: ignore[arg-type]  # Motor's
        assert await transaction.database.engine.count(Counter) == 0
        raise _WorkError

    with pytest.raises(_WorkError):
        await database.in_transaction(work)
    assert await database.engine.count(Counter) == 0


async def test_work_that_raises_leaves_nothing_and_its_error_is_unchanged(database: Database) -> None:
    error = _WorkError("as it was")

    async def work(transaction: Transaction) -> None:
        await _saving("a", "b")(transaction)
        raise error

    with pytest.raises(_WorkError) as raised:
        await database.in_transaction(work)
    assert raised.value is error
    assert await database.engine.count(Counter) == 0


async def test_a_duplicate_key_undoes_the_whole_transaction(database: Database) -> None:
    await database.engine.configure_database([Author])

    async def work(transaction: Transaction) -> None:
        await transaction.save(Counter(name="a"))
        await transaction.save_all([Author(email="a@example.com"), Author(email="a@example.com")])

    with pytest.raises(DuplicateKeyError):
        await database.in_transaction(work)
    assert await database.engine.count(Counter) == await database.engine.count(Author) == 0


async def test_contending_transactions_run_again_until_each_has_succeeded(database: Database) -> None:
    counter = await database.engine.save(Counter(name="contended"))
    all_have_read = asyncio.Barrier(8)
    runs: list[Transaction] = []
    rung: list[Transaction] = []

    async def increment() -> None:
        first_run = True

        async def work(transaction: Transaction) -> None:
            nonlocal first_run
            runs.append(transaction)
            transaction.after_commit(lambda: rung.append(transaction))
            found = await transaction.find_one(Counter, Counter.id == counter.id)
            assert found is not None
            if first_run:
                first_run = False
                await all_have_read.wait()
            found.value += 1
            await transaction.save(found)

        await database.in_transaction(work)

    await asyncio.gather(*(increment() for _ in range(8)))
    assert await database.engine.find(Counter) == [Counter(id=counter.id, name="contended", value=8)]
    assert len(runs) >= 15
    assert len(rung) == 8
    assert all(transaction.session.has_ended for transaction in runs)


async def test_callbacks_run_in_order_after_the_commit(database: Database) -> None:
    rung: list[str] = []

    async def work(transaction: Transaction) -> None:
        transaction.after_commit(lambda: rung.append("first"))
        transaction.after_commit(lambda: rung.append("second"))
        await transaction.save(Counter(name="a"))
        assert rung == []

    await database.in_transaction(work)
    assert rung == ["first", "second"]


async def test_callbacks_of_an_aborted_transaction_never_run(database: Database) -> None:
    rung: list[str] = []

    async def work(transaction: Transaction) -> None:
        await transaction.save(Counter(name="a"))
        transaction.after_commit(lambda: rung.append("never"))
        raise _WorkError

    with pytest.raises(_WorkError):
        await database.in_transaction(work)
    assert rung == []


async def test_cancelled_work_leaves_nothing_and_locks_nothing(database: Database) -> None:
    counter = await database.engine.save(Counter(name="locked"))
    has_written = asyncio.Event()
    sessions = []

    async def work(transaction: Transaction) -> None:
        sessions.append(transaction.session)
        await transaction.save(Counter(id=counter.id, name="changed"))
        has_written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(database.in_transaction(work))
    await has_written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sessions[0].has_ended
    assert await database.engine.find(Counter) == [counter]
    await _assert_nothing_is_locked(database, counter)


async def test_work_in_a_cancelled_scope_is_aborted_before_the_scope_is_left(database: Database) -> None:
    counter = await database.engine.save(Counter(name="locked"))
    sessions = []

    with move_on_after(10) as scope:

        async def work(transaction: Transaction) -> None:
            sessions.append(transaction.session)
            await transaction.save(Counter(id=counter.id, name="changed"))
            scope.cancel()
            await asyncio.Event().wait()

        await database.in_transaction(work)
    assert scope.cancelled_caught
    assert sessions[0].has_ended
    await _assert_nothing_is_locked(database, counter)


async def test_a_commit_that_has_begun_is_finished_though_its_caller_is_cancelled(database: Database) -> None:
    rung: list[str] = []

    async def work(transaction: Transaction) -> None:
        await transaction.save(Counter(name="kept"))
        transaction.after_commit(lambda: rung.append("rung"))
        asyncio.get_running_loop().call_soon(task.cancel)  # it arrives while the commit is under way

    task = asyncio.create_task(database.in_transaction(work))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rung == ["rung"]
    assert await database.engine.count(Counter, Counter.name == "kept") == 1


async def test_the_url_names_the_database(mongodb_url: str, database: Database) -> None:
    await database.in_transaction(_saving("a"))
    name = mongodb_url.rpartition("/")[2].partition("?")[0]
    assert database.collection(Counter).full_name == f"{name}.counter"
    assert await database.client[name]["counter"].count_documents({}) == 1


async def test_a_url_without_a_database_means_postberry(mongodb_url: str) -> None:
    server = mongodb_url.rpartition("/")[0]
    database = await connect(server, app_name="tests")
    assert database.engine.database_name == "postberry"
    await database.close()


async def test_the_url_decides_about_timeouts_and_we_about_safety(mongodb_url: str) -> None:
    database = await connect(f"{mongodb_url}&SocketTimeoutMS=1234&w=0&tz_aware=false", app_name="tests")
    options = database.client.options
    assert options.pool_options.socket_timeout == 1.234
    assert options.server_selection_timeout == 5
    assert options.write_concern.document == {"w": "majority"}
    assert database.client.codec_options.tzinfo is UTC
    await database.close()


async def test_no_client_of_motor_is_made(database: Database) -> None:
    await database.in_transaction(_saving("a"))
    assert not [found for found in gc.get_objects() if type(found) is AsyncIOMotorClient]


@pytest.mark.parametrize("query", ["", "?replicaSet=rs0&serverSelectionTimeoutMS=300"])
async def test_a_server_that_is_no_replica_set_is_refused(standalone_url: str, query: str) -> None:
    with pytest.raises(NoReplicaSetError, match=r"start mongod with --replSet rs0 and run rs\.initiate\(\)"):
        await connect(f"{standalone_url}/postberry{query}", app_name="tests")


@pytest.mark.parametrize("query", ["", "replicaSet=rs0&"])
async def test_a_replica_set_that_was_not_initiated_is_refused(uninitiated_url: str, query: str) -> None:
    with pytest.raises(NoReplicaSetError, match=r"run rs\.initiate\(\)"):
        await connect(f"{uninitiated_url}/?{query}serverSelectionTimeoutMS=300", app_name="tests")


async def test_a_server_that_is_away_is_not_called_a_wrong_one() -> None:
    with pytest.raises(ServerSelectionTimeoutError):
        await connect("mongodb://127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=100", app_name="tests")


async def _connections(client: AsyncMongoClient[dict[str, object]], app_name: str) -> int:
    pipeline: list[dict[str, Any]] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": app_name}},
    ]
    return len(await (await client.admin.aggregate(pipeline)).to_list())


async def test_closing_ends_every_connection(mongodb_url: str, database: Database) -> None:
    other = await connect(mongodb_url, app_name="to be closed")
    await asyncio.gather(*(other.in_transaction(_saving("a")) for _ in range(3)))
    assert await _connections(database.client, "to be closed") > 0
    await other.close()
    async with asyncio.timeout(10):
        while await _connections(database.client, "to be closed"):
            pass


async def test_a_refused_server_keeps_no_connection(standalone_url: str) -> None:
    with pytest.raises(NoReplicaSetError):
        await connect(standalone_url, app_name="refused")
    async with AsyncMongoClient[dict[str, object]](standalone_url) as client, asyncio.timeout(10):
        while await _connections(client, "refused"):
            pass
