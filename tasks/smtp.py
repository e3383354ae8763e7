"""Handing letters to the mail server, and what its answers mean for the job."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from settings import servers, urls
from tasks.breaker import Breaker
from tasks.connections import IdleConnections
from tasks.errors import OutageError, PermanentError, TemporaryError
from tasks.letters import Letter

LETTER_REFUSED, FOR_GOOD = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError), range(500, 600)
"""The server refuses this letter, for good; with another code than these it may take it later."""

CLOSING = 421
"""The server takes no letters now, whatever was said to it."""

NO_CODE = -1
"""What aiosmtplib gives for an answer that is none of SMTP."""

UNREACHABLE = "SMTP_UNREACHABLE"

GO_ON = 354
"""The answer to DATA: after it comes the letter, which cannot be held back any more."""

_LINE_END = re.compile(rb"\r\n|\r|\n")

CONNECTIONS = 10


async def _always() -> bool:
    return True


class Mailer:
    """The mail server of `SMTP_URL`.

    smtp:// uses STARTTLS where it is offered, smtp+starttls:// always, and smtps:// is TLS from the start.

    At most `connections` letters are handed over at once, each within `seconds`, and a connection serves one letter
    after another. Close it at the end, or use it as a context manager.
    """

    def __init__(
        self, url: str, seconds: float, connections: int = CONNECTIONS, trust: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._starttls = True if parts.scheme == "smtp+starttls" else None  # None: where it is offered
        self._hostname, self._port = urls.mail_server(url)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._seconds = seconds
        self._trust = trust or servers.mail_trust(url)
        self._slots = asyncio.Semaphore(connections)
        self._idle = IdleConnections()
        self._breaker = Breaker(UNREACHABLE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _type: type[BaseException] | None, _: object, _trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections no letter uses."""
        await self._idle.close()

    async def send(self, letter: Letter, is_owed: Callable[[], Awaitable[bool]] = _always) -> None:
        """Returns once the server has taken the letter; Temporary- or PermanentError says why it has not.

        `is_owed` is asked at the last moment when the letter can be held back.
        """
        async with self._slots:  # no clock yet: a server that is slow with the letters before is not late with this one
            with self._breaker.watching():
                await self._deliver(letter, is_owed)

    async def _deliver(self, letter: Letter, is_owed: Callable[[], Awaitable[bool]]) -> None:
        deadline = asyncio.get_running_loop().time() + self._seconds
        async with self._clock(deadline, UNREACHABLE, "the mail server did not answer"):
            connection = await self._begin(letter)
        async with self._clock(deadline, "SMTP_TIMEOUT", "the letter was not taken"):
            await self._hand_over(connection, letter, is_owed)

    @contextlib.asynccontextmanager
    async def _clock(self, deadline: float, code: str, complaint: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(deadline):
                yield
        except TimeoutError as error:
            raise OutageError(code, f"{complaint} within {self._seconds:g} s") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _meaning(error) from error

    async def _begin(self, letter: Letter) -> aiosmtplib.SMTP:
        """A connection that has taken the sender. One that died while it was idle is replaced: it knows no letter."""
        while connection := self._idle.take():
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                return await _mail(connection, letter)
        return await _mail(await self._connect(), letter)

    async def _connect(self) -> aiosmtplib.SMTP:
        connection = self._connection()
        try:
            await connection.connect()
        except aiosmtplib.SMTPResponseException as error:  # it refuses to talk to us, whatever the letter
            raise OutageError(UNREACHABLE, f"{error.code} {error.message}") from error
        return connection

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._hostname,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=self._starttls,
            tls_context=self._trust,
            timeout=None,  # one clock for the whole letter, in `_deliver`
        )

    async def _hand_over(
        self, connection: aiosmtplib.SMTP, letter: Letter, is_owed: Callable[[], Awaitable[bool]]
    ) -> None:
        with _closed_on_failure(connection):
            refusal = await _refusal(connection, letter, is_owed)
        self._idle.keep(connection)
        if refusal:
            raise refusal


async def _mail(connection: aiosmtplib.SMTP, letter: Letter) -> aiosmtplib.SMTP:
    with _closed_on_failure(connection):
        await connection.mail(letter.sender)
    return connection


async def _refusal(
    connection: aiosmtplib.SMTP, letter: Letter, is_owed: Callable[[], Awaitable[bool]]
) -> aiosmtplib.SMTPResponseException | None:
    """What the server has against this letter; None: it has taken it."""
    try:
        await connection.rcpt(letter.recipient)
        await _data(connection, _transparent(letter.content), is_owed)
    except aiosmtplib.SMTPResponseException as error:
        if error.code == NO_CODE:
            raise
        await _forget_letter(connection)
        return error
    return None


async def _data(connection: aiosmtplib.SMTP, content: bytes, is_owed: Callable[[], Awaitable[bool]]) -> None:
    """As `connection.data` does it, but the claim is looked at when the server waits for the letter.

    A worker that was frozen before would else wake up and send it, though another has done so meanwhile.
    """
    _expect(GO_ON, await connection.execute_command(b"DATA"))
    if not await is_owed():
        raise PermanentError("CLAIM_LOST", "another worker has the job")
    if (protocol := connection.protocol) is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    protocol.write(content)
    _expect(aiosmtplib.SMTPStatus.completed, await protocol.read_response())


def _expect(code: int, response: aiosmtplib.SMTPResponse) -> None:
    if response.code != code:
        raise aiosmtplib.SMTPDataError(response.code, response.message)


def _transparent(content: bytes) -> bytes:
    """As it goes over the wire: its lines end as SMTP wants them, and none of them is the dot that ends a letter."""
    lines = _LINE_END.sub(b"\r\n", content).removesuffix(b"\r\n")
    return (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:] + b"\r\n.\r\n"


async def _forget_letter(connection: aiosmtplib.SMTP) -> None:
    try:
        await connection.rset()
    except (aiosmtplib.SMTPException, OSError):  # no next letter on this one
        connection.close()


@contextlib.contextmanager
def _closed_on_failure(connection: aiosmtplib.SMTP) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _meaning(error: Exception) -> TemporaryError | PermanentError:
    if not isinstance(error, aiosmtplib.SMTPResponseException) or error.code == NO_CODE:
        return OutageError(UNREACHABLE, str(error))
    # a sender it refuses is that of every letter: no letter's fault, until somebody mends the configuration
    if isinstance(error, aiosmtplib.SMTPSenderRefused) or error.code == CLOSING:
        return OutageError(UNREACHABLE, f"{error.code} {error.message}")
    refused = isinstance(error, LETTER_REFUSED) and error.code in FOR_GOOD
    return (PermanentError if refused else TemporaryError)(f"SMTP_{error.code}", error.message)
