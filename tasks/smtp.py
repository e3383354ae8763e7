"""Handing letters to the mail server, and what its answers mean for the job."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from tasks.errors import PermanentError, TemporaryError

MAIL_SYSTEM_FAILURES = range(500, 600)
"""SMTP: the server refuses this letter for good. Everything else is worth another attempt."""


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
        try:
            async with self._connection() as connection:
                await connection.send_message(letter)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0]) from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            raise _refusal(error) from error
        except aiosmtplib.SMTPResponseException as error:
            raise TemporaryError(f"SMTP_{error.code}", error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryError("SMTP_UNREACHABLE", str(error)) from error

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._hostname,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            timeout=self._seconds,
        )


def _refusal(error: aiosmtplib.SMTPResponseException) -> TemporaryError | PermanentError:
    permanent = error.code in MAIL_SYSTEM_FAILURES
    return (PermanentError if permanent else TemporaryError)(f"SMTP_{error.code}", error.message)
