import asyncio
from email.message import EmailMessage

import pytest

from tasks.errors import JobError, PermanentError, TemporaryError
from tasks.smtp import Mailer
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.tasks.scripted import HANG_UP, NEVER, answering

pytestmark = pytest.mark.anyio

LOGIN = "250-mail.example.com\r\n250 AUTH PLAIN"


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "no-reply@example.com", "ada@example.com", "Hello"
    letter.set_content("Hello Ada,\n.\n..\n\ngood day.\n")
    return letter


async def _send(url: str, seconds: float = 10) -> None:
    async with asyncio.timeout(15):  # a test that hangs is a test that fails
        await Mailer(url, seconds).send(_letter())


async def _error(url: str, seconds: float = 10) -> JobError:
    with pytest.raises(JobError) as raised:
        await _send(url, seconds)
    return raised.value


async def test_a_letter_arrives(smtp_sink: SmtpSink) -> None:
    await _send(smtp_sink.url)
    (letter,) = smtp_sink.letters
    assert letter.recipients == ("ada@example.com",)
    assert letter.message.get_content().splitlines() == ["Hello Ada,", ".", "..", "", "good day."]


@pytest.mark.parametrize("reply", ["451 4.3.0 Try again", "421 4.3.2 Going down", "452 4.2.2 Mailbox full"])
async def test_a_letter_refused_for_now_is_worth_another_attempt(smtp_sink: SmtpSink, reply: str) -> None:
    smtp_sink.refuse_next(reply)
    error = await _error(smtp_sink.url)
    assert (type(error), error.code, error.detail) == (TemporaryError, f"SMTP_{reply[:3]}", reply[4:])
    await _send(smtp_sink.url)
    assert len(smtp_sink.letters) == 1


@pytest.mark.parametrize("reply", ["550 5.7.1 Looks like spam", "554 5.6.0 No"])
async def test_a_letter_refused_for_good_is_not(smtp_sink: SmtpSink, reply: str) -> None:
    smtp_sink.refuse_next(reply)
    error = await _error(smtp_sink.url)
    assert (type(error), error.code, error.detail) == (PermanentError, f"SMTP_{reply[:3]}", reply[4:])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [("550 5.1.1 No such user", PermanentError), ("450 4.2.1 Greylisted", TemporaryError)],
)
async def test_a_recipient_is_refused_as_a_letter_is(reply: str, kind: type[JobError]) -> None:
    async with answering({"RCPT": reply}) as url:
        error = await _error(url)
    assert (type(error), error.code, error.detail) == (kind, f"SMTP_{reply[:3]}", reply[4:])


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"GREETING": "554 5.3.2 No service"}, "SMTP_554"),
        ({"GREETING": "421 4.3.2 Busy"}, "SMTP_421"),
        ({"EHLO": "550 Who are you?", "HELO": "550 Who are you?"}, "SMTP_550"),
        ({"MAIL": "550 5.7.1 Sender not allowed"}, "SMTP_550"),
        ({"MAIL": "530 5.7.0 Authentication required"}, "SMTP_530"),
        ({"GREETING": HANG_UP}, "SMTP_UNREACHABLE"),
        ({"EHLO": HANG_UP}, "SMTP_UNREACHABLE"),
        ({"DATA": HANG_UP}, "SMTP_UNREACHABLE"),
        ({"LETTER": HANG_UP}, "SMTP_UNREACHABLE"),
        ({"GREETING": "HTTP/1.1 400 Bad Request"}, "SMTP_UNREACHABLE"),
    ],
)
async def test_what_is_not_about_the_letter_is_temporary(answers: dict[str, str], code: str) -> None:
    async with answering(answers) as url:
        error = await _error(url)
    assert (type(error), error.code) == (TemporaryError, code)
    assert error.detail


async def test_a_password_refused_is_temporary() -> None:
    async with answering({"EHLO": LOGIN, "AUTH": "535 5.7.8 Bad credentials"}) as url:
        error = await _error(url.replace("smtp://", "smtp://ada:p%40ss@"))
    assert (type(error), error.code, error.detail) == (TemporaryError, "SMTP_535", "5.7.8 Bad credentials")


async def test_a_password_is_given_where_one_is_asked_for() -> None:
    async with answering({"EHLO": LOGIN, "AUTH": "235 2.7.0 Welcome"}) as url:
        await _send(url.replace("smtp://", "smtp://ada:p%40ss@"))


async def test_a_server_without_login_gets_no_letter_that_needs_one() -> None:
    async with answering({}) as url:
        error = await _error(url.replace("smtp://", "smtp://ada:secret@"))
    assert (type(error), error.code) == (TemporaryError, "SMTP_UNREACHABLE")


async def test_a_server_that_is_away_is_temporary() -> None:
    error = await _error(f"smtp://127.0.0.1:{free_port()}")
    assert (type(error), error.code) == (TemporaryError, "SMTP_UNREACHABLE")


async def test_a_server_without_tls_gets_nothing_in_plain_text(smtp_sink: SmtpSink) -> None:
    error = await _error(smtp_sink.url.replace("smtp://", "smtps://"))
    assert (type(error), error.code) == (TemporaryError, "SMTP_UNREACHABLE")
    assert smtp_sink.attempts == []


@pytest.mark.parametrize("command", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "LETTER"])
async def test_a_server_that_hangs_is_given_up(command: str) -> None:
    async with answering({command: NEVER}) as url:
        error = await _error(url, seconds=0.3)
    assert (type(error), error.code) == (TemporaryError, "SMTP_TIMEOUT")
    assert error.detail == "the letter was not taken within 0.3 s"


async def test_the_time_limit_is_for_the_whole_letter() -> None:
    async with answering({}, pause=0.3) as url:  # no single answer takes too long
        error = await _error(url, seconds=1)
    assert (type(error), error.code) == (TemporaryError, "SMTP_TIMEOUT")


@pytest.mark.parametrize("goodbye", [HANG_UP, NEVER, "421 4.3.2 Going down", "nonsense"])
async def test_a_letter_that_was_taken_is_sent_however_the_server_parts(goodbye: str) -> None:
    async with answering({"QUIT": goodbye}) as url:
        await _send(url)


async def test_an_answer_in_another_encoding_is_an_answer() -> None:
    async with answering({"RCPT": "550 5.1.1 Postfach gel\udcf6scht"}) as url:
        error = await _error(url)
    assert (type(error), error.code) == (PermanentError, "SMTP_550")


async def test_letters_sent_together_do_not_get_in_each_others_way(smtp_sink: SmtpSink) -> None:
    mailer = Mailer(smtp_sink.url, 10)
    smtp_sink.refuse_next("550 5.1.1 No such user")
    answers = await asyncio.gather(*(mailer.send(_letter()) for _ in range(10)), return_exceptions=True)
    assert sorted(map(repr, answers))[:9] == ["None"] * 9
    assert len(smtp_sink.letters) == 9
