import smtplib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.message import EmailMessage
from urllib.parse import urlsplit

import anyio
import pytest

from tests.support.smtp import SmtpSink
from tests.support.smtp import smtp_sink as running_sink


def test_a_letter_is_kept_with_its_envelope(smtp_sink: SmtpSink) -> None:
    _send(smtp_sink, "Hello")
    [letter] = smtp_sink.wait_for(1)
    assert (letter.sender, letter.recipients) == ("a@example.org", ("b@example.org",))
    assert letter.message["Subject"] == "Hello"
    assert letter.raw.startswith(b"Subject: Hello")


def test_letters_are_waited_for_by_what_they_say(smtp_sink: SmtpSink) -> None:
    _send(smtp_sink, "One")
    _send(smtp_sink, "Two")
    [letter] = smtp_sink.wait_for(where=lambda letter: letter.message["Subject"] == "Two")
    assert letter is smtp_sink.letters[1]


def test_letters_that_do_not_come_are_a_timeout(smtp_sink: SmtpSink) -> None:
    with pytest.raises(TimeoutError, match=r"^1 letters did not come within 0 s, but 0$"):
        smtp_sink.wait_for(1, deadline=0)


def test_the_next_letters_can_be_refused(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse_next("451 4.3.0 Try again", times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            _send(smtp_sink, "Hello")
    _send(smtp_sink, "Hello")
    assert (len(smtp_sink.letters), len(smtp_sink.attempts)) == (1, 3)


def test_a_letter_can_be_left_without_an_answer_until_the_server_ends() -> None:
    with ThreadPoolExecutor() as threads, ExitStack() as until_the_end:
        sink = until_the_end.enter_context(running_sink())
        sink.hang_next()
        sending = threads.submit(_send, sink, "Hello")
        assert len(sink.wait_for_attempts(1)) == 1
        assert (sink.letters, sending.done()) == ([], False)
        until_the_end.close()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            sending.result()


@pytest.mark.anyio
async def test_a_letter_is_awaited_while_the_event_loop_goes_on(smtp_sink: SmtpSink) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(smtp_sink.arrived)
        await anyio.to_thread.run_sync(_send, smtp_sink, "Hello")
    assert len(smtp_sink.letters) == 1


def _send(sink: SmtpSink, subject: str) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["Message-ID"] = subject, "<1@example.org>"
    with smtplib.SMTP(str(urlsplit(sink.url).hostname), urlsplit(sink.url).port or 0, timeout=30) as client:
        client.send_message(letter, "a@example.org", ["b@example.org"])
