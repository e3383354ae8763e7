import asyncio
from collections.abc import Sequence
from contextvars import ContextVar

import pytest

from tasks.batches import MOST_AT_ONCE, Batches

pytestmark = pytest.mark.anyio


class _Work:
    """Doubles numbers, once the door is open; refuses zero."""

    def __init__(self) -> None:
        self.door = asyncio.Event()
        self.calls: list[int] = []

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(len(items))
        await self.door.wait()
        if 0 in items:
            raise ZeroDivisionError
        return [item * 2 for item in items]


async def _asked(batches: Batches[int, int], *items: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(batches.ask(item)) for item in items]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_is_asked_meanwhile_goes_out_together() -> None:
    batches = Batches(work := _Work())
    tasks = await _asked(batches, 1) + await _asked(batches, 2, 3, 4)
    work.door.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert work.calls == [1, 3]
    assert await batches.ask(5) == 10


async def test_no_call_is_larger_than_allowed() -> None:
    batches = Batches(work := _Work())
    tasks = await _asked(batches, *range(1, MOST_AT_ONCE + 3))
    work.door.set()
    assert await asyncio.gather(*tasks) == [number * 2 for number in range(1, MOST_AT_ONCE + 3)]
    assert work.calls == [MOST_AT_ONCE, 2]


async def test_an_error_is_everybodys_who_asked_together_and_nobody_elses() -> None:
    batches = Batches(work := _Work())
    tasks = await _asked(batches, 1) + await _asked(batches, 0, 2)
    work.door.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert list(map(repr, answers)) == ["2", "ZeroDivisionError()", "ZeroDivisionError()"]
    assert await batches.ask(3) == 6


async def test_who_was_cut_off_keeps_nobody_from_an_answer() -> None:
    batches = Batches(work := _Work())
    gone, waiting = await _asked(batches, 1, 2)
    gone.cancel()
    await asyncio.wait([gone], timeout=30)
    work.door.set()
    assert await waiting == 4


async def test_a_call_is_made_in_the_context_of_who_asked_first() -> None:
    asking, seen = ContextVar("asking", default=0), list[int]()

    async def work(items: Sequence[int]) -> Sequence[int]:
        seen.append(asking.get())
        return items

    async def ask(item: int) -> int:
        asking.set(item)
        return await batches.ask(item)

    batches = Batches(work)
    assert await asyncio.gather(*map(ask, range(1, MOST_AT_ONCE + 3))) == list(range(1, MOST_AT_ONCE + 3))
    assert (await ask(7), seen) == (7, [1, MOST_AT_ONCE + 1, 7])
