"""A cache that keeps what is used again."""

from hypothesis import given
from hypothesis import strategies as st

from graphql_api.two_queues import MOST_DROPPED, TRIAL, TwoQueueCache

ROOM = 100


def _asked(cache: TwoQueueCache[int, str], key: int, size: int = 1) -> bool:
    """Whether it was there; else it is put there."""
    found = cache.get(key)
    if found is None:
        cache.put(key, str(key), size)
    return found is not None


def _proven(cache: TwoQueueCache[int, str], keys: range) -> None:
    for key in keys:
        assert [_asked(cache, key), _asked(cache, key)] == [False, True]


def test_a_flood_washes_out_nothing_that_was_used_again() -> None:
    cache = TwoQueueCache[int, str](ROOM)
    _proven(cache, range(ROOM))
    for key in range(1_000, 6_000):
        assert not _asked(cache, key)
    assert all(_asked(cache, key) for key in range(ROOM))
    assert cache.size == ROOM + ROOM // TRIAL


def test_what_takes_turns_is_kept_although_it_does_not_stand_its_trial() -> None:
    cache = TwoQueueCache[int, str](ROOM)
    turns = range(ROOM // 2)
    assert not any(_asked(cache, key) for key in turns)
    assert not any(_asked(cache, key) for key in turns if key < ROOM // 2 - ROOM // TRIAL)
    assert all(_asked(cache, key) for key in turns)


def test_of_what_is_proven_that_used_longest_ago_goes_first() -> None:
    cache = TwoQueueCache[int, str](ROOM)
    _proven(cache, range(ROOM))
    assert _asked(cache, 0)
    _proven(cache, range(ROOM, ROOM + 1))
    assert (_asked(cache, 0), cache.get(1)) == (True, None)


def test_what_is_larger_than_the_room_is_kept_until_the_next_comes() -> None:
    cache = TwoQueueCache[int, str](ROOM)
    assert [_asked(cache, 1, 10 * ROOM), _asked(cache, 1)] == [False, True]
    _proven(cache, range(2, 3))
    assert (cache.get(1), cache.size) == (None, 1)


def test_what_was_dropped_long_ago_is_new() -> None:
    cache = TwoQueueCache[int, str](ROOM)
    for key in range(MOST_DROPPED + 2 * ROOM):
        _asked(cache, key)
    _asked(cache, 0)
    for key in range(1_000_000, 1_000_000 + ROOM):
        _asked(cache, key)
    assert cache.get(0) is None


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30))))
def test_it_answers_what_was_put_and_has_no_more_than_its_room(asked: list[tuple[int, int]]) -> None:
    cache = TwoQueueCache[int, str](ROOM)
    for key, size in asked:
        found = cache.get(key)
        assert found in (None, str(key))
        if found is None:
            cache.put(key, str(key), size)
        assert cache.get(key) == str(key)
        assert cache.size <= ROOM + max(ROOM // TRIAL, size)
