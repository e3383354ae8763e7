"""The mail server of a chaos run: it can stop, refuse and hang, and writes down each letter before it accepts it."""

import asyncio
import email
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from aiosmtpd.smtp import SMTP, Envelope, Session
from anyio.from_thread import BlockingPortal

from tests.support.processes import free_port


class Mood(StrEnum):
    """How it answers a letter."""

    ACCEPTS = "250 OK"
    REFUSES = "451 4.3.0 Try again later"
    HANGS = ""


class MailServer:
    """Its methods may be called from any thread; it lives in the event loop of `portal`."""

    def __init__(self, portal: BlockingPortal, journal: TextIO) -> None:
        self.port = free_port()
        self._portal = portal
        self._journal = journal
        self._server: asyncio.Server | None = None
        self._connections: list[SMTP] = []
        self._mood = Mood.ACCEPTS
        self._changed = asyncio.Event()
        self._hanging = 0

    @property
    def hanging(self) -> int:
        """How many letters wait for an answer now."""
        return self._hanging

    def start(self) -> None:
        """Listen."""
        self._portal.call(self._start)

    def stop(self) -> None:
        """Listen no more, and cut every connection."""
        self._portal.call(self._stop)

    def be(self, mood: Mood) -> None:
        """Answer like this from now on, also those who wait."""
        self._portal.call(self._be, mood)

    async def _start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._connect, "127.0.0.1", self.port)

    async def _stop(self) -> None:
        if self._server:
            self._server.close()
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        self._connections.clear()

    def _connect(self) -> SMTP:
        connection = SMTP(self, enable_SMTPUTF8=True, hostname="mail.localhost", loop=asyncio.get_running_loop())
        self._connections.append(connection)
        return connection

    async def _be(self, mood: Mood) -> None:
        self._mood = mood
        self._changed.set()
        self._changed = asyncio.Event()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Answer one letter; aiosmtpd calls this. Who hangs up while it waits is not noted."""
        self._hanging += 1
        try:
            while self._mood is Mood.HANGS:
                await self._changed.wait()
        finally:
            self._hanging -= 1
        if self._mood is Mood.ACCEPTS:
            self._note(envelope)
        return self._mood

    def _note(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        message_id = email.message_from_bytes(content)["Message-ID"]
        self._journal.write(f"{time.time():.3f}\t{message_id}\t{','.join(map(str, envelope.rcpt_tos))}\n")
        self._journal.flush()


@contextmanager
def mail_server(portal: BlockingPortal, journal: Path) -> Iterator[MailServer]:
    """A mail server that listens. `journal` gets a line per letter: when, Message-ID, recipients."""
    with journal.open("a", encoding="utf-8") as written:
        server = MailServer(portal, written)
        server.start()
        try:
            yield server
        finally:
            server.stop()
