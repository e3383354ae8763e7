"""How lines are put together; what a line looks like is in test_logging.py."""

import itertools
from select import PIPE_BUF

from hypothesis import given
from hypothesis import strategies as st

from settings.rendering import Rendered, joined

LINES = st.lists(st.integers(1, 3 * PIPE_BUF).map(lambda size: b"x" * (size - 1) + b"\n"))


@given(LINES)
def test_lines_are_joined_to_few_pieces_that_pipes_take_whole(lines: list[bytes]) -> None:
    pieces = list(joined(Rendered(line, line.upper()) for line in lines))
    assert b"".join(piece.console for piece in pieces) == b"".join(lines)
    assert b"".join(piece.line for piece in pieces) == b"".join(lines).upper()
    assert all(len(piece.console) <= PIPE_BUF or piece.console in lines for piece in pieces)
    assert all(len(one.console) + len(next_.console) > PIPE_BUF for one, next_ in itertools.pairwise(pieces))
