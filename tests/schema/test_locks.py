"""Waiting in memory for what would collide in MongoDB."""

import asyncio
import gc

import pytest
from odmantic import ObjectId

from schema.locks import Locks

pytestmark = pytest.mark.anyio

A, B, C, D = (ObjectId(f"{number:024x}") for number in range(4))


async def test_who_wants_the_same_document_waits_in_line() -> None:
    locks, order, inside = Locks(), list[int](), 0

    async def enter(number: int) -> None:
        nonlocal inside
        async with locks.held([A]):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter(number) for number in range(20)))
    assert order == list(range(20))


async def test_who_wants_another_document_does_not_wait() -> None:
    locks = Locks()
    async with locks.held([A]), asyncio.timeout(5), locks.held([B, C]):
        pass


async def test_those_who_want_the_same_documents_in_different_orders_do_not_wait_for_each_other() -> None:
    locks, done = Locks(), list[int]()

    async def enter(number: int, *wanted: ObjectId) -> None:
        async with locks.held(wanted):
            done.append(number)

    async with locks.held([C, D]):  # both get the first that they ask for, and no more
        tasks = [asyncio.create_task(enter(0, A, C, B)), asyncio.create_task(enter(1, B, D, A))]
        for _ in range(3):
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks)
    assert sorted(done) == [0, 1]


async def test_a_document_named_twice_is_locked_once() -> None:
    async with asyncio.timeout(5), Locks().held([A, A]):
        pass


async def test_who_gives_up_or_fails_leaves_no_lock_behind() -> None:
    locks = Locks()
    async with locks.held([B]):
        waiting = asyncio.create_task(_hold(locks, A, B))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=30)
        assert waiting.cancelled()
    with pytest.raises(ZeroDivisionError):
        async with locks.held([A, B]):
            1 / 0  # noqa: B018
    async with asyncio.timeout(5), locks.held([A, B]):
        pass


async def test_a_lock_that_nobody_wants_is_forgotten() -> None:
    locks = Locks()
    async with locks.held([A, B]):
        assert len(locks) == 2
    gc.collect()
    assert len(locks) == 0


async def _hold(locks: Locks, *wanted: ObjectId) -> None:
    async with locks.held(wanted):
        raise AssertionError
