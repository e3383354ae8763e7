import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from anyio import move_on_after
from odmantic.exceptions import DuplicateKeyError

from schema.database import Database, Transaction
from schema.errors import TimedOut
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


async def test_work_that_is_cancelled_anywhere_leaves_nothing(database: Database) -> None:
    async def work(transaction: Transaction) -> None:
        asyncio.get_running_loop().call_soon(task.cancel)  # it arrives while the driver sends
        await transaction.save(Counter(name="a"))

    for _ in range(3):
        task = asyncio.create_task(database.in_transaction(work))
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await database.engine.count(Counter) == 0


async def _cancel_after(turns: int, task: asyncio.Task[None]) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()


async def test_a_commit_that_has_begun_is_finished_though_its_caller_is_cancelled(database: Database) -> None:
    rung: list[int] = []

    async def cancel_during_commit(turns: int) -> None:
        async def work(transaction: Transaction) -> None:
            await transaction.save(Counter(name="kept"))
            transaction.after_commit(lambda: rung.append(turns))
            cancelling.append(asyncio.create_task(_cancel_after(turns, task)))

        cancelling: list[asyncio.Task[None]] = []
        task = asyncio.create_task(database.in_transaction(work))
        with suppress(asyncio.CancelledError):
            await task
        await cancelling[0]

    for turns in range(12):
        await cancel_during_commit(turns)
    assert rung == list(range(12))
    assert await database.engine.count(Counter) == 12


async def test_who_waits_too_long_for_what_others_hold_is_told_to_try_again(database: Database) -> None:
    counter = await database.engine.save(Counter(name="held", value=1))

    async def work(transaction: Transaction) -> None:
        await transaction.save(Counter(id=counter.id, name="changed"))

    async with database.engine.transaction() as holder:
        await holder.save(Counter(id=counter.id, name="mine", value=2))
        with pytest.raises(TimedOut) as given_up:
            await database.in_transaction(work)
    assert given_up.value.code == "TIMEOUT"
    assert (await database.engine.find_one(Counter) or counter).name == "mine"
    await _assert_nothing_is_locked(database, counter)
