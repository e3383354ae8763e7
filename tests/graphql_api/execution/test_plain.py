"""Functions that read what is plain of an object: right where all is as expected, and else they give up."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from hypothesis import given
from hypothesis import strategies as st

from graphql_api.execution.leaves import leaf as checked
from graphql_api.execution.plain import Part, UnplainError, leaf, many, written

MOMENT = GraphQLScalarType("Moment", coerce_output_value=lambda value: value.isoformat())
COLOUR = GraphQLEnumType("Colour", {"RED": "red", "GREEN": "green"})
LEAVES: list[GraphQLLeafType] = [GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, MOMENT, COLOUR]
VALUES = st.one_of(
    st.text(max_size=3),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.floats(),
    st.none(),
    st.sampled_from(["red", "green", "blue", b"red", ValueError("it"), object(), [1], {}]),
    st.datetimes(timezones=st.just(UTC)),
)


def part(name: str, kind: GraphQLLeafType, *, is_nullable: bool = False) -> Part:
    return Part(name, lambda: leaf(kind), is_nullable)


def outcome(make: Callable[[Any], Any], value: object) -> object:
    try:
        return make(value)
    except Exception:  # noqa: BLE001  (whatever it is, it gave up)
        return Exception


@given(st.sampled_from(LEAVES), VALUES)
def test_a_value_is_what_it_is_field_by_field_or_given_up(kind: GraphQLLeafType, value: object) -> None:
    read = outcome(leaf(kind), value)
    assert read in (Exception, outcome(checked(kind, "missing"), value))


@given(st.sampled_from(LEAVES), VALUES, st.booleans())
def test_so_it_is_in_an_object(kind: GraphQLLeafType, value: object, is_nullable: bool) -> None:  # noqa: FBT001  (hypothesis gives it)
    read = outcome(written({"key": part("name", kind, is_nullable=is_nullable)}), {"name": value})
    expected = outcome(checked(kind, None if is_nullable else "missing"), value)
    assert read in (Exception, {"key": expected})


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        (GraphQLString, "a", "a"),
        (GraphQLBoolean, False, False),
        (GraphQLInt, -(2**31), -(2**31)),
        (MOMENT, datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (COLOUR, "red", "RED"),
    ],
)
def test_what_is_as_expected_is_read(kind: GraphQLLeafType, value: object, answer: object) -> None:
    assert written({"key": part("name", kind)})({"name": value}) == {"key": answer}


@pytest.mark.parametrize(
    ("kind", "value"),
    [(GraphQLString, 1), (GraphQLString, None), (GraphQLInt, 2**31), (GraphQLInt, True), (COLOUR, "blue")],
)
def test_what_is_not_is_given_up(kind: GraphQLLeafType, value: object) -> None:
    assert outcome(written({"key": part("name", kind)}), {"name": value}) is Exception


@pytest.mark.parametrize("value", [ValueError("boom"), Undefined])
def test_a_failure_is_no_value_whatever_the_scalar_makes_of_it(value: object) -> None:
    anything = GraphQLScalarType("Anything", coerce_output_value=str)
    assert outcome(leaf(anything), value) is Exception


@pytest.mark.parametrize("source", [None, [], "text", object()])
def test_only_documents_are_read(source: object) -> None:
    with pytest.raises(UnplainError):
        written({"key": part("name", GraphQLString)})(source)


def test_a_field_that_is_not_there_is_null_where_it_may_be() -> None:
    read = written({"first": part("a", GraphQLString, is_nullable=True), "second": part("b", GraphQLString)})
    assert read({"b": "x"}) == {"first": None, "second": "x"}


def test_fields_stand_in_their_order_and_leave_room_for_others() -> None:
    read = written({"z": part("a", GraphQLString), "later": None, "made": Part(len, lambda: leaf(GraphQLInt), False)})  # noqa: FBT003  (as Part has it)
    assert list(read({"a": "x"}).items()) == [("z", "x"), ("later", None), ("made", 1)]


def test_no_name_and_no_key_is_ever_code() -> None:
    hostile = '\'): raise SystemExit #\n"""\\'
    assert written({hostile: part(hostile, GraphQLString)})({hostile: "x"}) == {hostile: "x"}


def test_lists_are_read_whole_or_not_at_all() -> None:
    read = many(leaf(GraphQLString), has_nulls=False)
    assert read(["a", "b"]) == ["a", "b"]
    assert [outcome(read, value) for value in (["a", None], ("a",), "ab", ["a", 1])] == [Exception] * 4
    assert many(leaf(GraphQLString), has_nulls=True)(["a", None]) == ["a", None]
