"""Cursors: where in a list a document stands, in a form that only this API can write.

A cursor is the base64url of a version, a MAC and, as BSON, the document's sort values. The MAC is over the list's name
too, so a cursor serves no other list. The values can be read by whoever takes it apart: sort by nothing secret.
"""

import base64
import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import bson
from bson import Decimal128, ObjectId
from bson.codec_options import CodecOptions

from schema.errors import BadUserInput

SortValue = str | int | float | bool | datetime | ObjectId | Decimal128 | None

MIN_KEY_LENGTH = 16
_VERSION = b"\x01"
_MAC_SIZE = 16
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes and reads cursors. `key` signs them: keep it secret, and the same in every process."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < MIN_KEY_LENGTH:
            raise ValueError(f"A key for cursors has at least {MIN_KEY_LENGTH} bytes.")

    @classmethod
    def of(cls, secret: str) -> Self:
        """The cursors of all processes that have this secret."""
        return cls(hashlib.sha256(f"cursors:{secret}".encode()).digest())

    def encode(self, list_name: str, values: Sequence[SortValue]) -> str:
        """The cursor of the document with these values; TypeError or ValueError if one is not fit to sort by."""
        payload = bson.encode({str(number): _sortable(value) for number, value in enumerate(values)})
        return _to_text(_VERSION + self._mac(list_name, payload) + payload)

    def decode(self, list_name: str, cursor: str) -> list[SortValue]:
        """The values in a cursor of this list; BadUserInput if `encode` did not write it for this list."""
        signed = _to_bytes(cursor)
        mac, payload = signed[1 : 1 + _MAC_SIZE], signed[1 + _MAC_SIZE :]
        if signed[:1] != _VERSION or not hmac.compare_digest(mac, self._mac(list_name, payload)):
            raise _refusal()
        return list(bson.decode(payload, _OPTIONS).values())

    def _mac(self, list_name: str, payload: bytes) -> bytes:
        signed = b"\0".join((_VERSION, list_name.encode(), payload))
        return hmac.digest(self.key, signed, "sha256")[:_MAC_SIZE]


def _sortable(value: SortValue) -> SortValue:
    if not isinstance(value, SortValue):
        raise TypeError(f"A list cannot be sorted by a {type(value).__name__}.")
    if isinstance(value, float | Decimal128) and math.isnan(float(str(value))):
        raise ValueError("A list cannot be sorted by NaN: nothing is before or after it.")
    return value


def _to_text(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def _to_bytes(cursor: str) -> bytes:
    try:
        signed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _refusal() from None
    if _to_text(signed) != cursor:  # base64 has several spellings of the same bytes
        raise _refusal()
    return signed


def _refusal() -> BadUserInput:
    return BadUserInput("This is not a cursor of this list.")
