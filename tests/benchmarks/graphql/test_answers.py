from typing import Any

import pytest

from benchmarks.graphql.answers import DifferentAnswerError, comparable, require_same


def test_what_is_new_each_time_is_left_out_wherever_it_stands() -> None:
    answer = {"order": {"id": "x", "lines": [{"id": "y", "name": "Chair"}]}}
    assert comparable(answer, {"id"}) == {"order": {"lines": [{"name": "Chair"}]}}


def test_a_time_is_the_same_however_it_is_written() -> None:
    ours, theirs = "2026-06-30T20:00:00.120000+00:00", "2026-06-30T20:00:00.120Z"
    assert comparable({"at": ours}) == comparable({"at": theirs})
    assert comparable({"at": ours}) != comparable({"at": "2026-06-30T20:00:00.121Z"})


@pytest.mark.parametrize("other", [{"a": [1, 2]}, {"a": [2, 1, 3]}, {"a": [1, 2, "3"]}, {"b": [1, 2, 3]}, None])
def test_a_peer_that_answers_something_else_is_named(other: Any) -> None:  # noqa: ANN401  # JSON is anything
    require_same("apollo", {"a": [1, 2, 3]}, {"a": [1, 2, 3]})
    with pytest.raises(DifferentAnswerError, match="apollo"):
        require_same("apollo", comparable(other), {"a": [1, 2, 3]})
