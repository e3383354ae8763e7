"""What is read off a document as it stands there: one function for all such fields of an object, written for it.

A function that is written out takes a fifth of the time of one call for each field. It looks that all is as expected
and raises if anything is not: the object is then answered field by field, which finds what is wrong with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import GraphQLInt, GraphQLLeafType, Undefined
from graphql.execution.executor import Executor

from graphql_api.execution.leaves import exact_type

FEW = 20
"""How many objects of a selection are answered field by field: to write a function is worth it for more."""

Plain = Callable[[Any], Any]
"""Makes of a value that is there what stands in the answer; raises if it takes more than that."""

_LEAST, _MOST = -(2**31), 2**31 - 1
"""What GraphQL has for an Int."""


class UnplainError(Exception):
    """Something is not as expected."""


class Part(NamedTuple):
    """One field: where in the source it is, or what makes it of the source; and what its value is to be."""

    taken: str | Callable[[Any], Any]
    plain: Callable[[], Plain]
    is_nullable: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A value that stands in the answer as Python has it."""

    kind: type
    is_bounded: bool = False

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  (whatever resolvers give)
        """The value."""
        is_out = self.is_bounded and not _LEAST <= value <= _MOST
        if type(value) is not self.kind or is_out:
            raise UnplainError
        return value

    def wrong(self, value: str) -> str:
        """The same, as a condition that the value of this name is none."""
        kind = f"type({value}) is not {self.kind.__name__}"
        return f"{kind} or not {_LEAST} <= {value} <= {_MOST}" if self.is_bounded else kind


def leaf(kind: GraphQLLeafType) -> Plain:
    """A value of this type."""
    if kind is GraphQLInt:
        return Unchanged(int, is_bounded=True)
    exact = exact_type(kind)
    return Unchanged(exact) if exact else _coerced(kind)


def _coerced(kind: GraphQLLeafType) -> Plain:
    def coerced(value: Any) -> Any:  # noqa: ANN401  (whatever resolvers give)
        if value is Undefined or isinstance(value, Exception):
            raise UnplainError
        return Executor.complete_leaf_value(kind, value)

    return coerced


def many(item: Plain, *, has_nulls: bool) -> Plain:
    """A list of such values."""

    def read(values: Any) -> list[Any]:  # noqa: ANN401  (whatever resolvers give)
        if type(values) is not list:
            raise UnplainError
        if has_nulls:
            return [None if value is None else item(value) for value in values]
        return [item(value) for value in values]

    return read


def written(parts: Mapping[str, Part | None]) -> Plain:
    """An object of these fields, by their keys in the answer; those that are no part of it stand there as null."""
    plain = {f"plain_{number}": part.plain() for number, part in enumerate(parts.values()) if part}
    made = {f"made_{number}": part.taken for number, part in enumerate(parts.values()) if part}
    names: dict[str, Any] = {"UnplainError": UnplainError} | plain | made
    exec("\n".join(_lines(parts, plain)), names)  # noqa: S102  (names and keys stand in it as literals)
    read: Plain = names["read"]
    return read


def _lines(parts: Mapping[str, Part | None], plain: Mapping[str, Plain]) -> Iterator[str]:
    yield "def read(source):"
    yield "    if type(source) is not dict: raise UnplainError"
    for number, part in enumerate(parts.values()):
        if part:
            yield from _lines_of(number, part, plain[f"plain_{number}"])
    values = (f"value_{number}" if part else None for number, part in enumerate(parts.values()))
    yield "    return {" + ", ".join(f"{key!r}: {value}" for key, value in zip(parts, values, strict=True)) + "}"


def _lines_of(number: int, part: Part, plain: Plain) -> Iterator[str]:
    value = f"value_{number}"
    taken = f"source.get({part.taken!r})" if isinstance(part.taken, str) else f"made_{number}(source)"
    yield f"    {value} = {taken}"
    there = f"{value} is not None and " if part.is_nullable else ""
    if isinstance(plain, Unchanged):
        yield f"    if {there}({plain.wrong(value)}): raise UnplainError"
    else:
        yield f"    {value} = plain_{number}({value})" + (f" if {value} is not None else None" if there else "")
