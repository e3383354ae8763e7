"""A letter's headers and parts as bytes, written without the standard library's tree of message objects.

Building that tree and serialising it costs more than everything else a letter takes together.
"""

import binascii
import re
from email.header import Header

BOUNDARY = b"=_postberry"
"""Stands between the parts, and in none: a text with `--=_` is encoded, and no encoding leaves a `_` after a `=`."""

_HEADER_LINE = 78
_WORD = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_PLAIN = re.compile(r"(?:[\t\x20-\x7e]{0,998}\n)*[\t\x20-\x7e]{0,998}")


def token(name: str, value: str) -> bytes:
    """A header whose value is one line of printable ASCII, as it is. ValueError: it is not."""
    if not _WORD.fullmatch(value):
        raise ValueError(f"{name} must be one line of printable ASCII characters")
    return f"{name}: {value}\r\n".encode()


def header(name: str, value: str) -> bytes:
    """A header whose value may be any text; what is long or not ASCII becomes encoded words, folded."""
    line = f"{name}: {value}"
    if len(line) <= _HEADER_LINE and _WORD.fullmatch(value) and "=?" not in value:  # else it would be decoded
        return line.encode() + b"\r\n"
    words = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    return f"{name}: {words}\r\n".encode()


def part(subtype: str, text: str) -> bytes:
    """A part of text: as it is where mail servers pass it on unchanged, else in the shorter of the two encodings."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    encoding, content = ("7bit", text.encode()) if _is_plain(text) else _encoded(text.encode())
    head = f'Content-Type: text/{subtype}; charset="utf-8"\nContent-Transfer-Encoding: {encoding}\n\n'
    return (head.encode() + content).replace(b"\n", b"\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "--=_" not in text and _PLAIN.fullmatch(text) is not None


def _encoded(content: bytes) -> tuple[str, bytes]:
    quoted = binascii.b2a_qp(content, istext=True)
    if len(quoted) * 3 <= len(content) * 4:
        return "quoted-printable", quoted
    lines = (content[start : start + 57] for start in range(0, len(content), 57))
    return "base64", b"".join(map(binascii.b2a_base64, lines))


def alternatives(*parts: bytes) -> bytes:
    """The header and the body of a letter that says the same in several ways, the plainest first."""
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="%b"\r\n\r\n' % BOUNDARY
    delimited = (b"--%b\r\n%b\r\n" % (BOUNDARY, part) for part in parts)
    return head + b"".join(delimited) + b"--%b--\r\n" % BOUNDARY
