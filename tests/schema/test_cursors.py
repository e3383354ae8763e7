import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import bson
import pytest
from bson import Decimal128, ObjectId
from hypothesis import given
from hypothesis import strategies as st

from schema.cursors import Cursors, SortValue
from schema.errors import BadUserInput

CURSORS = Cursors(b"a key of sixteen bytes or more")
VALUES: list[SortValue] = [
    datetime(2024, 2, 29, 12, 30, 15, 250_000, UTC),
    "Müsli\0🥣",
    ObjectId("6b02977336daa5a2afb745cf"),
]


def _raw(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _assert_refused(cursor: str, list_name: str = "things", cursors: Cursors = CURSORS) -> None:
    with pytest.raises(BadUserInput, match=r"^This is not a cursor of this list\.$"):
        cursors.decode(list_name, cursor)


_MILLISECONDS = st.integers(-(10**12), 10**13)
_SORT_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    _MILLISECONDS.map(lambda n: datetime.fromtimestamp(n // 1000, UTC).replace(microsecond=n % 1000 * 1000)),
    st.binary(min_size=12, max_size=12).map(ObjectId),
    st.decimals(allow_nan=False, places=2, min_value=-(10**12), max_value=10**12).map(Decimal128),
)


@given(st.lists(_SORT_VALUES, min_size=1, max_size=4))
def test_a_cursor_holds_the_values_it_was_made_of(values: list[Any]) -> None:
    decoded = CURSORS.decode("things", CURSORS.encode("things", values))
    assert decoded == values
    assert [type(value) for value in decoded] == [
        bson.Int64 if isinstance(value, int) and abs(value) >= 2**31 and type(value) is int else type(value)
        for value in values
    ]


def test_a_cursor_is_short_and_fits_into_a_url() -> None:
    cursor = CURSORS.encode("things", [VALUES[0], VALUES[2]])
    assert len(cursor) == 64
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_cursor_with_any_bit_flipped_is_refused() -> None:
    raw = _raw(CURSORS.encode("things", VALUES))
    for position in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[position // 8] ^= 1 << position % 8
        _assert_refused(_text(bytes(flipped)))


def test_a_cursor_with_any_character_changed_is_refused() -> None:
    cursor = CURSORS.encode("things", VALUES)
    for position in range(len(cursor)):
        for character in "AB_-z0=+/ \nü":
            if character != cursor[position]:
                _assert_refused(cursor[:position] + character + cursor[position + 1 :])


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    cursor = CURSORS.encode("things", [*VALUES, None])
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [cursor[:-1] + character for character in last if _raw(cursor[:-1] + character) == _raw(cursor)]
    assert len(spellings) > 1
    for spelling in {*spellings, cursor + "=", cursor + "==", f" {cursor}", f"{cursor}\n"} - {cursor}:
        _assert_refused(spelling)


def test_a_part_of_a_cursor_is_refused() -> None:
    cursor = CURSORS.encode("things", VALUES)
    for length in range(len(cursor)):
        _assert_refused(cursor[:length])
    _assert_refused(cursor + "AAAA")


@pytest.mark.parametrize(
    "text", ["", "=", "A", "null", "\0", "ü", "\ud800", "x" * 100_000, "Sm9iOjE", "6b02977336daa5a2"]
)
def test_what_was_never_a_cursor_is_refused(text: str) -> None:
    _assert_refused(text)


def test_a_cursor_of_another_list_is_refused() -> None:
    _assert_refused(CURSORS.encode("things", VALUES), "others")


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    _assert_refused(CURSORS.encode("things", VALUES), cursors=Cursors(b"another key of sixteen bytes"))


def test_a_cursor_made_by_hand_is_refused() -> None:
    payload = bson.encode({"0": {"$gt": ""}, "1": VALUES[2]})
    for mac in (b"", b"\0" * 16, b"\xff" * 16):
        _assert_refused(_text(b"\x01" + mac + payload))


def test_a_cursor_of_another_version_is_refused() -> None:
    _assert_refused(_text(b"\x02" + _raw(CURSORS.encode("things", VALUES))[1:]))


@pytest.mark.parametrize(
    "value", [b"bytes", [1], {"a": 1}, UUID(int=1), object()], ids=lambda value: type(value).__name__
)
def test_a_value_nothing_can_be_sorted_by_makes_no_cursor(value: Any) -> None:  # noqa: ANN401  # unfit values are of any type
    with pytest.raises(TypeError, match=f"sorted by a {type(value).__name__}"):
        CURSORS.encode("things", [value])


@pytest.mark.parametrize("value", [float("nan"), Decimal128("NaN")], ids=["float", "Decimal128"])
def test_not_a_number_makes_no_cursor(value: Any) -> None:  # noqa: ANN401  # unfit values are of any type
    with pytest.raises(ValueError, match="NaN"):
        CURSORS.encode("things", [value])


def test_a_short_key_is_refused_and_no_key_is_shown() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Cursors(b"fifteen bytes..")
    assert "key" not in repr(CURSORS)
