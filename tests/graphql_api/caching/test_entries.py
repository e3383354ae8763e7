import pytest

from graphql_api.caching.entries import Answer, Seal

ANSWER = Answer(b'{"a": "x y\nz"}', 7)
SEAL = Seal(b"key")
ENTRY = SEAL.closed("name", b"1,2", ANSWER)


def test_what_was_closed_can_be_opened() -> None:
    assert SEAL.opened("name", b"1,2", ENTRY) == ANSWER


@pytest.mark.parametrize("versions", [b"1,3", b"1", b"1,2 7\n", b""])
def test_not_for_other_versions(versions: bytes) -> None:
    assert SEAL.opened("name", versions, ENTRY) is None


def test_neither_by_another_name_nor_with_another_key() -> None:
    assert SEAL.opened("other", b"1,2", ENTRY) is None
    assert Seal(b"yek").opened("name", b"1,2", ENTRY) is None


def test_whatever_byte_of_it_is_changed() -> None:
    for place in range(len(ENTRY)):
        changed = ENTRY[:place] + bytes([ENTRY[place] ^ 1]) + ENTRY[place + 1 :]
        assert SEAL.opened("name", b"1,2", changed) is None
    assert all(SEAL.opened("name", b"1,2", ENTRY[:length]) is None for length in range(len(ENTRY)))
