"""Doing at once what many ask for one by one."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 500


@dataclass(slots=True)
class _Asked(Generic[Item, Answer]):
    """One item, who waits for its answer, and in what context: whose job it is."""

    item: Item
    future: asyncio.Future[Answer]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Batches(Generic[Item, Answer]):
    """While one call of `work` is under way, what is asked for gathers, and goes out together with the next call.

    A call is made in the context of who asked first: what it logs, and its spans, belong to that job.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        self._work = work
        self._waiting: list[_Asked[Item, Answer]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Answer:
        """What `work` answers for this item; what it raises, everybody gets who asked together."""
        asked: _Asked[Item, Answer] = _Asked(item, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._working is None:
            self._go_on()
        return await asked.future

    def _go_on(self) -> None:
        first = self._waiting[0].context if self._waiting else None
        self._working = asyncio.create_task(self._run(), context=first) if first else None

    async def _run(self) -> None:
        batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        await self._answer(batch)
        self._go_on()

    async def _answer(self, batch: Sequence[_Asked[Item, Answer]]) -> None:
        try:
            answers = await self._work([asked.item for asked in batch])
        except Exception as error:  # noqa: BLE001  (whoever waits gets it)
            for asked in batch:
                if not asked.future.done():  # who waited may have been cut off
                    asked.future.set_exception(error)
        else:
            for asked, answer in zip(batch, answers, strict=True):
                if not asked.future.done():
                    asked.future.set_result(answer)
