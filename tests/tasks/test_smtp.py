import asyncio

import pytest
from structlog.testing import capture_logs

from tasks.breaker import FAILURES
from tasks.errors import JobError, OutageError, PermanentError, TemporaryError
from tasks.letters import Letter
from tasks.smtp import Mailer
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.tasks.scripted import HANG_UP, NEVER, answering

pytestmark = pytest.mark.anyio

LOGIN = "250-mail.example.com\r\n250 AUTH PLAIN"


TEXT = b"Subject: Hello\r\n\r\nHello Ada,\r\n.\r\n..\r\n\r\ngood day.\r\n"
LETTER = Letter("no-reply@example.com", "ada@example.com", TEXT)


async def _send(url: str, seconds: float = 10) -> None:
    async with asyncio.timeout(15), Mailer(url, seconds) as mailer:  # a test that hangs is a test that fails
        await mailer.send(LETTER)


async def _error(url: str, seconds: float = 10) -> JobError:
    with pytest.raises(JobError) as raised:
        await _send(url, seconds)
    return raised.value


async def test_a_letter_arrives(smtp_sink: SmtpSink) -> None:
    await _send(smtp_sink.url)
    (letter,) = smtp_sink.letters
    assert (letter.sender, letter.recipients) == ("no-reply@example.com", ("ada@example.com",))
    assert letter.message.get_content().splitlines() == ["Hello Ada,", ".", "..", "", "good day."]


@pytest.mark.parametrize("reply", ["451 4.3.0 Try again", "452 4.2.2 Mailbox full"])
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
    ("answers", "detail"),
    [
        ({"GREETING": "554 5.3.2 No service"}, "554 5.3.2 No service"),
        ({"GREETING": "421 4.3.2 Busy"}, "421 4.3.2 Busy"),
        ({"EHLO": "550 Who are you?", "HELO": "550 Who are you?"}, "550 Who are you?"),
        ({"EHLO": LOGIN, "AUTH": "535 5.7.8 Bad credentials"}, "535 5.7.8 Bad credentials"),
        ({"MAIL": "550 5.7.1 Sender not allowed"}, "550 5.7.1 Sender not allowed"),
        ({"MAIL": "530 5.7.0 Authentication required"}, "530 5.7.0 Authentication required"),
        ({"MAIL": "421 4.7.0 Too many connections"}, "421 4.7.0 Too many connections"),
        ({"RCPT": "421 4.3.2 Going down"}, "421 4.3.2 Going down"),
        ({"LETTER": "421 4.3.2 Going down"}, "421 4.3.2 Going down"),
    ],
)
async def test_a_server_that_will_not_talk_to_us_is_as_good_as_away(answers: dict[str, str], detail: str) -> None:
    async with answering(answers) as url:
        error = await _error(url.replace("smtp://", "smtp://ada:p%40ss@" if "AUTH" in answers else "smtp://"))
    assert (type(error), error.code, error.detail) == (OutageError, "SMTP_UNREACHABLE", detail)


@pytest.mark.parametrize(
    "answers",
    [
        {"GREETING": HANG_UP},
        {"EHLO": HANG_UP},
        {"DATA": HANG_UP},
        {"LETTER": HANG_UP},
        {"GREETING": "HTTP/1.1 400 Bad Request"},
    ],
)
async def test_what_is_not_about_the_letter_is_an_outage(answers: dict[str, str]) -> None:
    async with answering(answers) as url:
        error = await _error(url)
    assert (type(error), error.code) == (OutageError, "SMTP_UNREACHABLE")
    assert error.detail


async def test_a_password_is_given_where_one_is_asked_for() -> None:
    async with answering({"EHLO": LOGIN, "AUTH": "235 2.7.0 Welcome"}) as url:
        await _send(url.replace("smtp://", "smtp://ada:p%40ss@"))


async def test_a_server_without_login_gets_no_letter_that_needs_one() -> None:
    async with answering({}) as url:
        error = await _error(url.replace("smtp://", "smtp://ada:secret@"))
    assert (type(error), error.code) == (OutageError, "SMTP_UNREACHABLE")


async def test_a_server_that_is_away_is_temporary() -> None:
    error = await _error(f"smtp://127.0.0.1:{free_port()}")
    assert (type(error), error.code) == (OutageError, "SMTP_UNREACHABLE")


async def test_a_server_without_tls_gets_nothing_in_plain_text(smtp_sink: SmtpSink) -> None:
    error = await _error(smtp_sink.url.replace("smtp://", "smtps://"))
    assert (type(error), error.code) == (OutageError, "SMTP_UNREACHABLE")
    assert smtp_sink.attempts == []


@pytest.mark.parametrize("command", ["GREETING", "EHLO", "MAIL"])
async def test_a_server_that_hangs_before_it_saw_the_letter_is_as_good_as_away(command: str) -> None:
    async with answering({command: NEVER}) as url:
        error = await _error(url, seconds=0.3)
    assert (type(error), error.code) == (OutageError, "SMTP_UNREACHABLE")
    assert error.detail == "the mail server did not answer within 0.3 s"


@pytest.mark.parametrize("command", ["RCPT", "DATA", "LETTER"])
async def test_a_server_that_hangs_over_the_letter_is_given_up(command: str) -> None:
    async with answering({command: NEVER}) as url:
        error = await _error(url, seconds=0.3)
    assert (type(error), error.code) == (OutageError, "SMTP_TIMEOUT")
    assert error.detail == "the letter was not taken within 0.3 s"


async def test_the_time_limit_is_for_the_whole_letter() -> None:
    async with answering({}, pause=0.3) as url:  # no single answer takes too long
        error = await _error(url, seconds=1)
    assert (type(error), error.code) == (OutageError, "SMTP_TIMEOUT")


@pytest.mark.parametrize("goodbye", [HANG_UP, NEVER, "421 4.3.2 Going down", "nonsense"])
async def test_a_letter_that_was_taken_is_sent_however_the_server_parts(goodbye: str) -> None:
    async with answering({"QUIT": goodbye}) as url:
        await _send(url)


async def test_an_answer_in_another_encoding_is_an_answer() -> None:
    async with answering({"RCPT": "550 5.1.1 Postfach gel\udcf6scht"}) as url:
        error = await _error(url)
    assert (type(error), error.code) == (PermanentError, "SMTP_550")


async def test_letters_sent_together_do_not_get_in_each_others_way(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse_next("550 5.1.1 No such user")
    async with Mailer(smtp_sink.url, 10) as mailer:
        answers = await asyncio.gather(*(mailer.send(LETTER) for _ in range(20)), return_exceptions=True)
    assert sorted(map(repr, answers))[:19] == ["None"] * 19
    assert len(smtp_sink.letters) == 19


async def test_one_connection_serves_one_letter_after_another(smtp_sink: SmtpSink) -> None:
    async with Mailer(smtp_sink.url, 10) as mailer:
        for _ in range(3):
            await mailer.send(LETTER)
    assert (len(smtp_sink.letters), smtp_sink.connection_count) == (3, 1)


async def test_there_are_never_more_connections_than_allowed(smtp_sink: SmtpSink) -> None:
    async with Mailer(smtp_sink.url, 10, connections=2) as mailer:
        await asyncio.gather(*(mailer.send(LETTER) for _ in range(20)))
    assert (len(smtp_sink.letters), smtp_sink.connection_count) == (20, 2)


async def test_a_letter_is_not_late_because_it_waited_for_slow_ones_before_it() -> None:
    async with answering({}, pause=0.1) as url, Mailer(url, 3, connections=1) as mailer:
        await asyncio.gather(*(mailer.send(LETTER) for _ in range(10)))  # four answers each: longer than three seconds


@pytest.mark.parametrize("command", ["RCPT", "DATA", "LETTER"])
async def test_a_refused_letter_leaves_the_connection_to_the_next(command: str) -> None:
    granted, heard = {"RCPT": "250 OK", "DATA": "354 Go on", "LETTER": "250 OK"}[command], list[str]()
    async with answering({command: ("550 5.7.1 No", granted)}, heard=heard) as url, Mailer(url, 10) as mailer:
        with pytest.raises(PermanentError):
            await mailer.send(LETTER)
        await mailer.send(LETTER)
    refused = ["MAIL", "RCPT", "DATA", "LETTER"]
    refused = refused[: refused.index(command) + 1]
    assert heard == ["GREETING", "EHLO", *refused, "RSET", "MAIL", "RCPT", "DATA", "LETTER", "QUIT"]


async def test_a_connection_that_cannot_be_reset_is_replaced() -> None:
    answers = {"LETTER": "550 5.7.1 No", "RSET": "502 What?"}
    async with answering(answers) as url, Mailer(url, 10) as mailer:
        for _ in range(2):
            with pytest.raises(PermanentError, match=r"SMTP_550: 5\.7\.1 No"):
                await mailer.send(LETTER)


@pytest.mark.parametrize("at_the_second", [HANG_UP, "421 4.4.2 Idle for too long", "451 4.7.1 Enough letters"])
async def test_a_connection_that_died_while_idle_is_replaced(at_the_second: str) -> None:
    async with answering({"MAIL": ("250 OK", at_the_second)}) as url, Mailer(url, 10) as mailer:
        for _ in range(3):
            await mailer.send(LETTER)


async def test_letters_go_on_after_a_restart_of_the_server_each_once(smtp_sink: SmtpSink) -> None:
    async with Mailer(smtp_sink.url, 10) as mailer:
        await asyncio.gather(*(mailer.send(LETTER) for _ in range(5)))
        smtp_sink.hang_up()
        await asyncio.gather(*(mailer.send(LETTER) for _ in range(5)))
    assert len(smtp_sink.attempts) == 10


async def test_what_was_lost_with_the_letter_in_it_is_not_sent_again_here() -> None:
    async with answering({"LETTER": ("250 OK", HANG_UP)}) as url, Mailer(url, 10) as mailer:
        await mailer.send(LETTER)
        with pytest.raises(OutageError, match="SMTP_UNREACHABLE"):
            await mailer.send(LETTER)


async def test_a_server_that_is_away_is_soon_not_asked_any_more() -> None:
    async with answering({"GREETING": NEVER}) as url, Mailer(url, 0.2) as mailer:
        with capture_logs() as logs:
            errors = [await _caught(mailer) for _ in range(FAILURES + 2)]
    assert [error.code for error in errors] == ["SMTP_UNREACHABLE"] * (FAILURES + 2)
    assert [error.detail.startswith("paused") for error in errors] == [False] * FAILURES + [True] * 2
    assert [line["event"] for line in logs] == ["server paused, jobs wait until it is back"]


async def test_letters_that_are_refused_pause_no_server(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse_next("451 4.3.0 Try again", times=FAILURES + 1)
    async with Mailer(smtp_sink.url, 10) as mailer:
        errors = [await _caught(mailer) for _ in range(FAILURES + 1)]
        await mailer.send(LETTER)
    assert {error.code for error in errors} == {"SMTP_451"}


async def _caught(mailer: Mailer) -> JobError:
    with pytest.raises(JobError) as raised:
        await mailer.send(LETTER)
    return raised.value
