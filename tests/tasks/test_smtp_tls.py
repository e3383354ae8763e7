import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tasks.errors import OutageError
from tasks.letters import Letter
from tasks.smtp import Mailer
from tests.support.smtp import SmtpSink, smtp_sink

pytestmark = pytest.mark.anyio

LETTER = Letter("no-reply@example.com", "ada@example.com", b"Subject: Hello\r\n\r\nHello Ada.\r\n")
WAYS = ["smtp", "smtps"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever signs the certificates of the servers here."""
    return trustme.CA()


def _trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@contextmanager
def _server(authority: trustme.CA, way: str, name: str = "127.0.0.1", **options: object) -> Iterator[SmtpSink]:
    """A server that takes letters over TLS alone: from the start (smtps), or by STARTTLS (smtp)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    starttls = {"tls_context": context, "require_starttls": True} if way == "smtp" else {}
    with smtp_sink(tls=context if way == "smtps" else None, **starttls, **options) as sink:
        yield sink


class _Doorkeeper:
    """Knows one password, and how often somebody came with it."""

    def __init__(self) -> None:
        self.welcomed = 0

    def __call__(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        known = login == LoginPassword(b"ada@example.com", b"p:ss/")
        self.welcomed += known
        return AuthResult(success=known, handled=False)


@pytest.mark.parametrize("way", WAYS)
async def test_letters_go_over_tls_to_a_server_whose_certificate_is_trusted(authority: trustme.CA, way: str) -> None:
    with _server(authority, way) as sink:
        assert sink.url.startswith(f"{way}://")
        async with Mailer(sink.url, 10, trust=_trust(authority)) as mailer:
            for _ in range(3):
                await mailer.send(LETTER)
        assert (len(sink.letters), sink.connection_count) == (3, 1)


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_with_a_certificate_nobody_vouches_for_gets_no_letter(authority: trustme.CA, way: str) -> None:
    with _server(authority, way) as sink:
        async with Mailer(sink.url, 10) as mailer:
            with pytest.raises(OutageError, match="CERTIFICATE_VERIFY_FAILED"):
                await mailer.send(LETTER)
        assert sink.attempts == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_with_the_certificate_of_another_gets_no_letter(authority: trustme.CA, way: str) -> None:
    with _server(authority, way, name="mail.example.com") as sink:
        async with Mailer(sink.url, 10, trust=_trust(authority)) as mailer:
            with pytest.raises(OutageError, match="CERTIFICATE_VERIFY_FAILED"):
                await mailer.send(LETTER)
        assert sink.attempts == []


@pytest.mark.parametrize("way", WAYS)
async def test_who_knows_the_password_says_it_once_for_all_letters(authority: trustme.CA, way: str) -> None:
    doorkeeper = _Doorkeeper()
    with _server(authority, way, authenticator=doorkeeper, auth_require_tls=way == "smtp") as sink:
        url = sink.url.replace("://", "://ada%40example.com:p%3Ass%2F@")
        async with Mailer(url, 10, trust=_trust(authority)) as mailer:
            for _ in range(2):
                await mailer.send(LETTER)
        assert (len(sink.letters), doorkeeper.welcomed) == (2, 1)


@pytest.mark.parametrize("way", WAYS)
async def test_who_does_not_is_told_so(authority: trustme.CA, way: str) -> None:
    with _server(authority, way, authenticator=_Doorkeeper(), auth_require_tls=way == "smtp") as sink:
        url = sink.url.replace("://", "://ada%40example.com:wrong@")
        async with Mailer(url, 10, trust=_trust(authority)) as mailer:
            with pytest.raises(OutageError, match="SMTP_UNREACHABLE: 535 "):
                await mailer.send(LETTER)
        assert sink.attempts == []


async def test_a_server_that_offers_no_tls_gets_neither_letter_nor_password_where_it_is_asked_for() -> None:
    doorkeeper = _Doorkeeper()
    with smtp_sink(authenticator=doorkeeper, auth_require_tls=False) as sink:
        url = sink.url.replace("smtp://", "smtp+starttls://ada%40example.com:p%3Ass%2F@")
        async with Mailer(url, 10) as mailer:
            with pytest.raises(OutageError, match="STARTTLS"):
                await mailer.send(LETTER)
        assert (sink.attempts, doorkeeper.welcomed) == ([], 0)
