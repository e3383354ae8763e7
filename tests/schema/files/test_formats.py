"""What a file is, by its first bytes."""

import pytest

from schema.files.formats import BY_CONTENT_TYPE, HEAD, named, recognise
from tests.support.uploads import GIF, JPEG, PDF, PNG, WEBP

ALLOWED = {
    "image/png": PNG,
    "image/jpeg": JPEG,
    "image/gif": GIF,
    "image/webp": WEBP,
    "application/pdf": PDF,
}

OTHERS = {
    "nothing": b"",
    "a Windows program": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60),
    "a Linux program": b"\x7fELF\x02\x01\x01" + bytes(60),
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "XML": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "HTML that begins like PNG": b"\x89PNG<script>alert(1)</script>",
    "HTML behind PNG's signature": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
    "a script that begins like GIF": b"GIF90a=1;alert(1)",
    "two bytes of JPEG": b"\xff\xd8",
    "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40),
    "a sound in RIFF": b"RIFF\x1a\x00\x00\x00WAVEfmt " + bytes(16),
    "nothing known in WebP": b"RIFF\x1a\x00\x00\x00WEBPJUNK" + bytes(16),
    "PDF after a line": b"\n" + PDF,
    "PDF of no version": b"%PDF-x.html<script>",
    "a zip": b"PK\x03\x04" + bytes(40),
    "a table": b"order,date\r\nA,2026-07-01\r\n",
    "text about PNG": b"PNG, JFIF, GIF89a, %PDF-1.7",
}


@pytest.mark.parametrize("content_type", ALLOWED)
def test_an_allowed_file_is_recognised(content_type: str) -> None:
    format_ = recognise(ALLOWED[content_type][:HEAD])
    assert format_ is not None
    assert format_.content_type == content_type


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_anything_else_is_not(content: bytes) -> None:
    assert recognise(content[:HEAD]) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a.jpg", "a.jpg"), ("a.JPEG", "a.JPEG"), ("a.exe", "a.exe.jpg"), ("a", "a.jpg"), ("jpg", "jpg.jpg")],
)
def test_a_name_ends_as_the_file_was_judged(name: str, shown: str) -> None:
    assert named(name, BY_CONTENT_TYPE["image/jpeg"]) == shown
