"""Names of files, whatever a client calls them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.files.model import LONGEST_NAME, clean_name

NAMES = {
    "cat.png": "cat.png",
    " two  words.png ": "two words.png",
    "../../etc/passwd": "passwd",
    "C:\\Users\\ada\\cat.png": "cat.png",
    "/": "file",
    "": "file",
    "..": "file",
    ".bashrc": "bashrc",
    "a\r\nSet-Cookie: x.png": "a Set-Cookie: x.png",
    "a\0.png": "a .png",
    "gnp.\u202eexe.png": "gnp. exe.png",
    "Cafe\u0301.png": "Caf\u00e9.png",
    "\u732b.png": "\u732b.png",
    "x" * 300 + ".png": "x" * 96 + ".png",
    "x" * 300: "x" * 100,
    "a." + "x" * 300: "a." + "x" * 98,
}


@pytest.mark.parametrize(("name", "cleaned"), NAMES.items())
def test_a_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@given(st.text(max_size=300))
def test_any_name_becomes_one_short_line_without_a_path(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= LONGEST_NAME
    assert not {"/", "\\"} & set(cleaned)
    assert all(unicodedata.category(character)[0] not in "CZ" or character == " " for character in cleaned)
