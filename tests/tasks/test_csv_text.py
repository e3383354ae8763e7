import csv
import io
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.csv_text import PIECE, cell, pieces

pytestmark = pytest.mark.anyio

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


async def _rows(*rows: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    for row in rows:
        yield row


async def _written(*rows: Sequence[str]) -> bytes:
    return b"".join([piece async for piece in pieces(_rows(*rows))])


async def test_rows_are_lines_and_cells_are_quoted_where_they_must_be() -> None:
    assert await _written(("a", "b"), ('say "hi"', "1,5"), ("Zoë", "")) == (
        'a,b\r\n"say ""hi""","1,5"\r\nZoë,\r\n'.encode()
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "="])
async def test_what_would_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "19.99", "'=1", "ada@example.com"])
async def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=3)))
async def test_any_table_is_read_as_it_was_written_and_no_cell_is_a_formula(table: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO((await _written(*table)).decode(), newline="")))
    assert [[text.removeprefix("'") if text[1:].startswith(FORMULAS) else text for text in row] for row in read] == [
        [text.removeprefix("'") if text[1:].startswith(FORMULAS) else text for text in row] for row in table
    ]
    assert not any(text.startswith(FORMULAS) for row in read for text in row)


async def test_a_large_table_comes_in_pieces_while_it_is_read() -> None:
    taken = 0

    async def rows() -> AsyncIterator[Sequence[str]]:
        nonlocal taken
        for _ in range(10):
            taken += 1
            yield ("x" * (PIECE // 2),)

    table = pieces(rows())
    first = await anext(table)
    assert (taken, len(first)) == (2, PIECE + 4)
    rest = [piece async for piece in table]
    assert max(map(len, rest)) <= 2 * PIECE
    assert taken == 10
