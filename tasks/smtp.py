"""Handing letters to the mail server, and what its answers mean for the job."""

import asyncio
import contextlib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from tasks.errors import PermanentError, TemporaryError

LETTER_REFUSED, FOR_GOOD = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError), range(500, 600)
"""The server refuses this letter, for good. All else is worth another attempt: a sender or a password it refuses, too,
for it refuses every letter then, until somebody mends the configuration."""

NO_CODE = -1
"""What aiosmtplib gives for an answer that is none of SMTP."""

QUIT_SECONDS = 1
"""How long the server may take to say goodbye."""


class Mailer:
    """The mail server of `SMTP_URL`: smtp:// uses STARTTLS where it is offered, smtps:// is TLS from the start."""

    def __init__(self, url: str, seconds: float) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._hostname = parts.hostname or "127.0.0.1"
        self._port = parts.port or (465 if self._tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._seconds = seconds

    async def send(self, letter: EmailMessage) -> None:
        """Returns once the server has taken the letter; Temporary- or PermanentError says why it has not."""
        connection = self._connection()
        try:
            async with asyncio.timeout(self._seconds):
                await connection.connect()
                await connection.send_message(letter)
            await _quit(connection)
        except TimeoutError as error:
            raise TemporaryError("SMTP_TIMEOUT", f"the letter was not taken within {self._seconds:g} s") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _meaning(error) from error
        finally:
            connection.close()

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._hostname,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            timeout=None,  # one clock for the whole letter, in `send`
        )


async def _quit(connection: aiosmtplib.SMTP) -> None:
    """Part politely. The letter is taken: nothing that happens now may have it sent again."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await connection.quit(timeout=QUIT_SECONDS)


def _meaning(error: Exception) -> TemporaryError | PermanentError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, aiosmtplib.SMTPResponseException) or error.code == NO_CODE:
        return TemporaryError("SMTP_UNREACHABLE", str(error))
    refused = isinstance(error, LETTER_REFUSED) and error.code in FOR_GOOD
    return (PermanentError if refused else TemporaryError)(f"SMTP_{error.code}", error.message)
