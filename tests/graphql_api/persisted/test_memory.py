"""What one process remembers, and that it is never more than there is room for."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from graphql_api.persisted.memory import Memory


@given(st.lists(st.tuples(st.text("abcd", max_size=2), st.text(min_size=1, max_size=50))), st.integers(1, 5))
def test_it_never_holds_more_than_it_may_and_never_answers_anything_else(
    puts: list[tuple[str, str]], most: int
) -> None:
    room, memory, first = 300, Memory(most, 300), dict[str, str]()
    for name, text in puts:
        if memory.get(name) is None:
            first[name] = text
        memory.put(name, text)
    held = {name: kept for name in first if (kept := memory.get(name))}
    assert len(held) <= most
    assert sum(sys.getsizeof(kept) for kept in held.values()) <= room
    assert held == {name: first[name] for name in held}


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    memory = Memory(2)
    for name in "ab":
        memory.put(name, name * 3)
    assert memory.get("a") == "aaa"
    memory.put("c", "ccc")
    assert [memory.get(name) for name in "abc"] == ["aaa", None, "ccc"]


def test_one_that_is_larger_than_all_the_room_is_not_kept() -> None:
    memory = Memory(10, 1_000)
    memory.put("small", "s")
    memory.put("large", "x" * 1_000)
    assert memory.get("large") is None
    memory.put("small", "s")
    assert memory.get("small") == "s"
