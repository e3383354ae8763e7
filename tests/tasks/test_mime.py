import email
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks import mime

PIECES = ["--=_postberry", "--=_postberry--", "\n", "\r\n", "\r", " ", "\t", ".", "From ", "=", "=?utf-8?q?a=0D=0A?="]
LONG = ["x" * 990, "é" * 300, "日" * 200, "a b " * 300, "\0", "\x7f", "\u2028", "\x85"]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES + LONG) | st.text(max_size=5)).map("".join)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def _body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return _unix(part.get_content())


@given(TEXTS, TEXTS)
@example("", "")
@example("Hello\n--=_postberry--\n", "--=_postberry\r\nContent-Type: text/html\r\n\r\n<script>")
@example("x" * 998, "x" * 999)
def test_both_texts_are_read_as_they_were_written(text: str, html: str) -> None:
    raw = mime.alternatives(mime.part("plain", text), mime.part("html", html))
    letter = _read(raw)
    types = [part.get_content_type() for part in letter.walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]
    assert (_body(letter, "plain"), _body(letter, "html")) == (_unix(text), _unix(html))
    assert raw.isascii()
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in raw.split(b"\r\n"))


@given(TEXTS.map(lambda text: " ".join(text.split())))
@example("Welcome, Zoë")
@example("=?utf-8?q?Ada=0D=0ABcc:_eve@example.com?=")
@example("x" * 2000)
def test_a_header_is_read_as_it_was_written(value: str) -> None:
    raw = mime.header("Subject", value)
    letter = _read(raw + b"\r\n")
    assert letter.items() == [("Subject", value)]
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_plain_text_stands_in_the_letter_as_it_is() -> None:
    assert mime.header("Subject", "Welcome, Ada") == b"Subject: Welcome, Ada\r\n"
    assert mime.part("plain", "Hello Ada,\n\nwelcome.").endswith(b" 7bit\r\n\r\nHello Ada,\r\n\r\nwelcome.")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Grüße an alle, die hier lesen", "quoted-printable"), ("これは日本語の手紙です", "base64")],
)
def test_other_text_takes_the_shorter_encoding(text: str, encoding: str) -> None:
    assert f"Content-Transfer-Encoding: {encoding}\r\n".encode() in mime.part("plain", text)


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@example.com", "a\nb", "a\rb", "a\0b", "é", " a", "a ", ""])
def test_a_token_is_one_line_of_printable_ascii_or_an_error(value: str) -> None:
    with pytest.raises(ValueError, match=r"^X-Request-ID must be one line of printable ASCII characters$"):
        mime.token("X-Request-ID", value)
