"""A table as CSV (RFC 4180, UTF-8), a piece at a time. No cell is a formula to the program that opens it."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

PIECE = 64 * 1024
"""Characters of a piece, and those of one row more."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that spreadsheets may compute, or look behind."""


def cell(text: str) -> str:
    """The text, with an apostrophe before it where it would be a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


async def pieces(rows: AsyncIterator[Sequence[str]]) -> AsyncIterator[bytes]:
    """The table, as the rows come."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    async for row in rows:
        writer.writerow(map(cell, row))
        if text.tell() >= PIECE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    taken = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return taken
