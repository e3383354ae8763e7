from hypothesis import given
from hypothesis import strategies as st

from schema.projection import projection

_KEYS = st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join))


def test_a_key_stands_for_those_inside_of_it() -> None:
    assert projection([]) == {"_id": 1}
    assert projection(["a.b", "a", "ab", "c.d.e", "c.d", "c.f"]) == {"_id": 1, "a": 1, "ab": 1, "c.d": 1, "c.f": 1}


@given(_KEYS)
def test_every_key_is_covered_once(keys: set[str]) -> None:
    asked = set(projection(keys))
    for key in keys:
        assert len([one for one in asked if f"{key}.".startswith(f"{one}.")]) == 1
    assert asked <= keys | {"_id"}
