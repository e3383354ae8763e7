import pytest

from tasks.errors import PermanentError
from tasks.letters import Letter
from tasks.smtp import Mailer
from tests.support.smtp import SmtpSink
from tests.tasks.scripted import answering

pytestmark = pytest.mark.anyio


def _letter(content: bytes) -> Letter:
    return Letter("no-reply@example.com", "ada@example.com", content)


async def test_whether_a_letter_is_still_owed_is_asked_when_the_server_waits_for_it() -> None:
    heard: list[str] = []
    asked_after: list[str] = []

    async def is_owed() -> bool:
        asked_after.extend(heard)
        return False

    async with answering({}, heard=heard) as url, Mailer(url, 10) as mailer:
        with pytest.raises(PermanentError, match="CLAIM_LOST"):
            await mailer.send(_letter(b"Subject: Hello\r\n\r\nHello"), is_owed)
    assert heard == asked_after == ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
async def test_no_line_of_a_letter_ends_it_however_lines_end(smtp_sink: SmtpSink, end: bytes) -> None:
    lines = [b"Subject: Hello", b"", b".", b"..", b".QUIT", b"", b"Bye"]
    async with Mailer(smtp_sink.url, 10) as mailer:
        await mailer.send(_letter(end.join(lines)))
        await mailer.send(_letter(end.join(lines) + end))
    assert [letter.raw.split(b"\r\n") for letter in smtp_sink.letters] == [[*lines, b""]] * 2
