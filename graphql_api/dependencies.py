"""Whether what the program depends on answers, and how fast."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import BaseError
from pymongo.errors import PyMongoError

from schema.database import Database
from settings import redis_client, urls
from tasks.broker import Doorbell

SECONDS = 2.0
"""How long a store may take to answer."""

_FAILURES = (PyMongoError, BaseError, *redis_client.FAILURES)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of asking: whether it is up, how long that took, and why it is not."""

    is_up: bool
    milliseconds: float
    error: str | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        error = {"error": self.error} if self.error else {}
        return {"status": "up" if self.is_up else "down", "milliseconds": self.milliseconds} | error


async def ask(question: Callable[[], Awaitable[bool]], seconds: float = SECONDS) -> Answer:
    """Ask one of them. Of an error its kind is told alone: its text may name what is a secret."""
    began, is_up, error = time.perf_counter(), False, None
    try:
        async with asyncio.timeout(seconds):
            is_up = await question()
    except _FAILURES as failure:
        error = type(failure).__name__
    return Answer(is_up, round((time.perf_counter() - began) * 1000, 1), error)


async def is_writable(database: Database) -> bool:
    """Whether MongoDB has a primary that takes writes."""
    return bool((await database.client.admin.command("hello"))["isWritablePrimary"])


async def is_heard(doorbell: Doorbell) -> bool:
    """Whether Redis answers."""
    return await doorbell.answers()


async def takes_connections(smtp_url: str) -> bool:
    """Whether the mail server can be reached; nothing is said to it."""
    _, writer = await asyncio.open_connection(*urls.mail_server(smtp_url))
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
