"""Calls that are made one after the other: what is asked for during one goes into the next, all together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Turn(Generic[T]):
    def __init__(self) -> None:
        self.items: set[str] = set()
        self.outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()


class Turns(Generic[T]):
    """One call at a time, for all that was asked for since the last one began."""

    def __init__(self, call: Callable[[set[str]], Awaitable[T]]) -> None:
        self._call = call
        self._next: _Turn[T] | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, items: Iterable[str]) -> asyncio.Future[T]:
        """What the call brings, or raises, that begins next and has these in it. Shield it: others wait for it, too."""
        turn = self._next = self._next or _Turn()
        turn.items.update(items)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="turns")
        return turn.outcome

    async def close(self) -> None:
        """Give up what is under way."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while turn := self._next:
                self._next = None
                await self._take(turn)
        finally:
            self._task = None

    async def _take(self, turn: _Turn[T]) -> None:
        try:
            turn.outcome.set_result(await self._call(turn.items))
        except Exception as error:  # noqa: BLE001  (whoever waits for it is told)
            turn.outcome.set_exception(error)
        finally:
            turn.outcome.cancel()  # of one that is done nothing comes
