"""A mail server for the tests, which keeps what it receives and misbehaves when told to."""

import asyncio
import email
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from functools import partial
from ssl import SSLContext
from threading import Condition
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from anyio import to_thread
from anyio.from_thread import start_blocking_portal
from typing_extensions import override

_ACCEPTED = "250 OK"
_HANG = "hang"


@dataclass(frozen=True)
class Letter:
    """A letter as it arrived: the envelope's addresses, the parsed message and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes


class SmtpSink:
    """The letters one mail server received; made by `smtp_sink()`, safe to use from any thread."""

    def __init__(self, tls: SSLContext | None = None, **options: Any) -> None:  # noqa: ANN401  # aiosmtpd's own
        self.url = ""
        self._accepted: list[Letter] = []
        self._attempts: list[Letter] = []
        self._replies: deque[str] = deque()
        self._changed = Condition()
        self._connections: list[SMTP] = []
        self._released = asyncio.Event()
        self._to_hold = 0
        self._held = 0
        self._tls = tls
        self._options = options

    @property
    def connection_count(self) -> int:
        """How many connections were made so far."""
        return len(self._connections)

    @property
    def letters(self) -> list[Letter]:
        """Every letter answered with 250 so far, oldest first."""
        with self._changed:
            return list(self._accepted)

    @property
    def attempts(self) -> list[Letter]:
        """Every letter received so far, whatever it was answered."""
        with self._changed:
            return list(self._attempts)

    def refuse_next(self, reply: str, times: int = 1) -> None:
        """Answer the next letters with this, such as "451 4.3.0 Try again" or "550 5.1.1 No such user"."""
        with self._changed:
            self._replies.extend([reply] * times)

    def hang_next(self, times: int = 1) -> None:
        """Receive the next letters and do not answer them, until `release()`."""
        self.refuse_next(_HANG, times)

    def hold_next(self, times: int = 1) -> None:
        """Do not answer the next DATA, after which the letter would come, until `release()`."""
        with self._changed:
            self._to_hold += times

    def wait_for_held(self, count: int = 1, deadline: float = 10) -> None:
        """Return once so many have been left without an answer to DATA."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._held >= count, deadline):
                raise TimeoutError(f"{count} letters were not announced within {deadline:g} s, but {self._held}")

    def release(self) -> None:
        """Accept the letters left hanging, and those that would be; go on with those that were held."""
        self._loop.call_soon_threadsafe(self._released.set)

    def wait_for(
        self, count: int = 1, where: Callable[[Letter], bool] = lambda _: True, deadline: float = 10
    ) -> list[Letter]:
        """The accepted letters that satisfy `where`, once there are `count` of them."""
        return self._wait(self._accepted, count, where, deadline)

    def wait_for_attempts(
        self, count: int = 1, where: Callable[[Letter], bool] = lambda _: True, deadline: float = 10
    ) -> list[Letter]:
        """The same for letters received, also those refused or left hanging."""
        return self._wait(self._attempts, count, where, deadline)

    async def arrived(
        self, count: int = 1, where: Callable[[Letter], bool] = lambda _: True, deadline: float = 10
    ) -> list[Letter]:
        """`wait_for`, awaited: the event loop goes on meanwhile."""
        return await to_thread.run_sync(partial(self.wait_for, count, where, deadline))

    def _wait(
        self, letters: list[Letter], count: int, where: Callable[[Letter], bool], deadline: float
    ) -> list[Letter]:
        def found() -> list[Letter]:
            return [letter for letter in letters if where(letter)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, deadline):
                raise TimeoutError(f"{count} letters did not come within {deadline:g} s, but {len(found())}")
            return found()

    async def let_come(self) -> None:
        """Before DATA is answered; this server's connections call it."""
        with self._changed:
            if not self._to_hold:
                return
            self._to_hold, self._held = self._to_hold - 1, self._held + 1
            self._changed.notify_all()
        await self._released.wait()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Answer one letter; aiosmtpd calls this."""
        letter = _letter(envelope)
        with self._changed:
            reply = self._replies.popleft() if self._replies else _ACCEPTED
            self._attempts.append(letter)
            self._changed.notify_all()
        if reply == _HANG:
            await self._released.wait()
        return self._accept(letter) if reply in {_ACCEPTED, _HANG} else reply

    def _accept(self, letter: Letter) -> str:
        with self._changed:
            self._accepted.append(letter)
            self._changed.notify_all()
        return _ACCEPTED

    async def listen(self) -> asyncio.Server:
        """Accept connections on a free port of 127.0.0.1."""
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._connect, "127.0.0.1", 0, ssl=self._tls)
        scheme = "smtps" if self._tls else "smtp"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    def _connect(self) -> SMTP:
        loop = asyncio.get_running_loop()
        connection = _Connection(self, enable_SMTPUTF8=True, hostname="sink.localhost", loop=loop, **self._options)
        self._connections.append(connection)
        return connection

    async def close(self, server: asyncio.Server) -> None:
        """Stop listening and cut every connection."""
        server.close()
        for _ in range(2):
            await asyncio.sleep(0)  # a connection being accepted gets its transport in these turns of the loop
        self._cut()

    def hang_up(self) -> None:
        """Cut every connection, as a server does that is started anew."""
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()


class _Connection(SMTP):
    """One that can be told to wait before it lets the letter come."""

    @override
    async def smtp_DATA(self, arg: str) -> None:
        await self.event_handler.let_come()
        await super().smtp_DATA(arg)


def _letter(envelope: Envelope) -> Letter:
    raw = cast("bytes", envelope.original_content)
    message = email.message_from_bytes(raw, policy=policy.default)
    return Letter(str(envelope.mail_from), tuple(map(str, envelope.rcpt_tos)), message, raw)


@contextmanager
def smtp_sink(tls: SSLContext | None = None, **options: Any) -> Iterator[SmtpSink]:  # noqa: ANN401  # aiosmtpd's own
    """A running mail server on a port of its own. `tls` is spoken from the start; `options` are those of aiosmtpd."""
    sink = SmtpSink(tls, **options)
    with start_blocking_portal() as portal:
        server = portal.call(sink.listen)
        try:
            yield sink
        finally:
            portal.call(sink.close, server)
