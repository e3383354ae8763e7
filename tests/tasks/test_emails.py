import email
import math
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from odmantic import ObjectId

from schema.database import Database
from schema.jobs import service
from schema.jobs.messages import Email, PasswordChangedEmail
from schema.jobs.service import Claim
from settings.config import Settings
from tasks import emails
from tasks.emails import Composer, Post
from tasks.errors import PermanentError
from tasks.facts import Research
from tasks.render import render
from tasks.smtp import Mailer
from tests.support.jobs import FACTS, SAMPLES, URLS, WELCOME, owe, set_due
from tests.support.smtp import SmtpSink

SENDER = "Postberry <no-reply@shop.example.com>"
REQUEST_ID = "r" * 64
ALREADY = WELCOME.model_copy(update={"already_registered": True})
CLAIM = Claim(
    {
        "_id": ObjectId("0123456789abcdef01234567"),
        "request_id": REQUEST_ID,
        "created_at": datetime(2026, 7, 31, 12, 30, tzinfo=UTC),
    },
    token="",
    certain_until=math.inf,
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Request-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]


def _composed(message: Email) -> bytes:
    return Composer(SENDER).compose(CLAIM, message, FACTS | {"name": getattr(message, "name", "Ada")}).content


def _read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def _body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.template)
def test_a_letter_has_every_header_once(sample: Email) -> None:
    letter = _read(_composed(sample))
    unsubscribe = ["List-Unsubscribe", "List-Unsubscribe-Post"] if sample.can_be_unsubscribed else []
    assert letter.keys() == [*HEADERS[:-2], *unsubscribe, *HEADERS[-2:]]
    assert (letter["From"], letter["To"]) == (SENDER, "ada@example.com")
    assert letter["Date"].datetime == datetime(2026, 7, 31, 12, 30, tzinfo=UTC)
    assert letter["Auto-Submitted"] == "auto-generated"


@given(st.text().map(lambda name: name.replace("\r\n", "\n").replace("\r", "\n")))
@example("Zoë & <b>Søn</b>")
@example("日本語 " * 200)
def test_every_name_is_read_as_it_was_written(name: str) -> None:
    message = WELCOME.model_copy(update={"name": name})
    letter, words = _read(_composed(message)), render(message, FACTS | {"name": name})
    assert letter["Subject"] == words.subject
    assert _body(letter, "plain").replace("\r\n", "\n") == words.text
    assert _body(letter, "html").replace("\r\n", "\n") == words.html


def test_the_message_id_comes_from_the_job_and_the_senders_domain() -> None:
    assert _read(_composed(WELCOME))["Message-ID"] == "<0123456789abcdef01234567@shop.example.com>"


def test_the_request_id_stands_in_the_letter_as_it_is_in_the_logs() -> None:
    assert f"\r\nX-Request-ID: {REQUEST_ID}\r\n".encode() in _composed(WELCOME)


def test_a_letter_says_the_same_as_text_and_as_html() -> None:
    letter = _read(_composed(WELCOME.model_copy(update={"name": "Zoë & <b>Søn</b>"})))
    assert letter.get_content_type() == "multipart/alternative"
    assert letter["Subject"] == "Welcome, Zoë & <b>Søn</b>"
    assert "Hello Zoë & <b>Søn</b>," in _body(letter, "plain")
    assert "Welcome, Zoë &amp; &lt;b&gt;Søn&lt;/b&gt;" in _body(letter, "html")


@given(st.text())
@example("Ada\r\nBcc: eve@example.com")
@example("Ada\r\n\r\n<html>")
@example("=?utf-8?q?Ada=0D=0ABcc:_eve@example.com?=")
@example("x" * 2000)
def test_no_name_adds_a_header_or_a_part(name: str) -> None:
    letter = _read(_composed(WELCOME.model_copy(update={"name": name})))
    assert letter.keys() == HEADERS
    assert letter["To"] == "ada@example.com"
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert len(str(letter["Subject"]).splitlines()) == 1


@pytest.mark.parametrize(
    "to",
    [
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nBcc: eve@example.com",
        "Eve <eve@example.com>",
        "",
    ],
)
def test_a_letter_goes_to_one_address_or_to_nobody(to: str) -> None:
    with pytest.raises(PermanentError, match="BAD_RECIPIENT"):
        _composed(WELCOME.model_copy(update={"to": to}))


def test_a_long_address_stays_on_one_line() -> None:
    to = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.com"
    assert f"\r\nTo: {to}\r\n".encode() in _composed(WELCOME.model_copy(update={"to": to}))


class _Newsletter(PasswordChangedEmail):
    can_be_unsubscribed = True


def test_a_letter_that_need_not_be_wanted_says_how_to_be_rid_of_it() -> None:
    facts = {"unsubscribe_url": "https://shop.example.com/unsubscribe?token=t"}
    letter = _read(Composer(SENDER).compose(CLAIM, _Newsletter(to="ada@example.com", name="Ada"), facts).content)
    assert letter["List-Unsubscribe"] == "<https://shop.example.com/unsubscribe?token=t>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with pytest.raises(KeyError):
        Composer(SENDER).compose(CLAIM, _Newsletter(to="ada@example.com", name="Ada"), {})


def test_a_sender_may_have_any_name() -> None:
    letter = _read(Composer("Große Öfen <no-reply@shop.example.com>").compose(CLAIM, ALREADY, {}).content)
    assert letter["From"] == "Große Öfen <no-reply@shop.example.com>"


@pytest.mark.anyio
async def test_a_letter_is_sent_as_it_was_composed(database: Database, smtp_sink: SmtpSink, settings: Settings) -> None:
    message = ALREADY.model_copy(update={"name": "Zoë\n.\nQUIT"})
    async with Mailer(smtp_sink.url, settings.smtp_timeout) as mailer:
        await emails.send(
            Post(database, Research(database, "https://shop.example.com", URLS), SENDER, mailer), CLAIM, message
        )
    (letter,) = await smtp_sink.arrived()
    assert (letter.sender, letter.recipients) == ("no-reply@shop.example.com", ("ada@example.com",))
    assert letter.message.keys() == HEADERS
    assert _body(letter.message, "plain").splitlines() == _body(_read(_composed(message)), "plain").splitlines()


@pytest.mark.anyio
async def test_a_worker_that_stalled_holds_back_a_letter_that_another_one_sends(
    database: Database, smtp_sink: SmtpSink, settings: Settings
) -> None:
    job_id = await owe(database)
    stalled = await service.claim(database, "stalled", job_id)
    await set_due(database, job_id)
    other = await service.claim(database, "other", job_id)
    assert stalled
    assert other
    stalled.certain_until = 0  # it woke up long after
    async with Mailer(smtp_sink.url, settings.smtp_timeout) as mailer:
        post = Post(database, Research(database, "https://shop.example.com", URLS), SENDER, mailer)
        with pytest.raises(PermanentError, match="CLAIM_LOST"):
            await emails.send(post, stalled, WELCOME)
        assert smtp_sink.attempts == []
        await emails.send(post, other, WELCOME)
    assert len(await smtp_sink.arrived()) == 1
