"""Connections to the mail server between two letters: the next one saves itself the greeting, TLS and the login."""

import asyncio
import contextlib

import aiosmtplib

IDLE_SECONDS = 5.0
"""How long a connection is kept without a letter. Mail servers hang up by themselves after some minutes."""

QUIT_SECONDS = 1
"""How long the server may take to say goodbye."""


class IdleConnections:
    """The newest is taken first, so that what is not needed grows old and is closed."""

    def __init__(self, seconds: float = IDLE_SECONDS) -> None:
        self._seconds = seconds
        self._kept: list[tuple[float, aiosmtplib.SMTP]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._goodbyes: set[asyncio.Task[None]] = set()

    def take(self) -> aiosmtplib.SMTP | None:
        """One the server has not hung up, as far as is known; None if there is none."""
        while self._kept:
            _, connection = self._kept.pop()
            if connection.is_connected:
                return connection
        return None

    def keep(self, connection: aiosmtplib.SMTP) -> None:
        """Have it ready for the next letter."""
        self._kept.append((asyncio.get_running_loop().time(), connection))
        if self._timer is None:
            self._look_again()

    async def close(self) -> None:
        """Part politely from the server."""
        if self._timer:
            self._timer.cancel()
        for _, connection in self._kept:
            self._part(connection)
        self._kept.clear()
        await asyncio.gather(*self._goodbyes)

    def _look_again(self) -> None:
        oldest, _ = self._kept[0]
        self._timer = asyncio.get_running_loop().call_at(oldest + self._seconds, self._close_old)

    def _close_old(self) -> None:
        self._timer = None
        until = asyncio.get_running_loop().time() - self._seconds
        while self._kept and self._kept[0][0] <= until:
            self._part(self._kept.pop(0)[1])
        if self._kept:
            self._look_again()

    def _part(self, connection: aiosmtplib.SMTP) -> None:
        goodbye = asyncio.create_task(_quit(connection))
        self._goodbyes.add(goodbye)
        goodbye.add_done_callback(self._goodbyes.discard)


async def _quit(connection: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.quit(timeout=QUIT_SECONDS)
    connection.close()
