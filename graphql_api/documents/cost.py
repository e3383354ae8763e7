"""What an operation costs, about the objects it answers: by its document and variables before, by its data after.

Each object costs 1, scalars cost nothing. What is selected of a list counts for each of its items: as many as `first`
or `last` or the ids say, PAGE in a connection that says neither, LIST in any other list. A mutation costs MUTATION
more, and `totalCount`, for which MongoDB counts, 1. Fields that `@skip` or `@include` may leave out count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

LIST = 5
PAGE = 20
MUTATION = 10
COUNT = 1

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a variable says, or its default: a number or a list."""

    variable: str
    default: int | None = None

    def of(self, variables: Variables) -> int | None:
        """With these variables; None: nothing, as null does. What is no size will be refused by the resolver."""
        if self.variable not in variables:
            return self.default
        given = variables[self.variable]
        if isinstance(given, list):
            return len(given)
        return max(int(given), 0) if isinstance(given, int | float) else None


@dataclass(frozen=True, slots=True)
class Size:
    """How many items a list has: the most that an argument says, or so many where none says anything."""

    default: int
    said: tuple[int | Said, ...] = ()

    def of(self, variables: Variables) -> int:
        """With these variables."""
        numbers = [each.of(variables) if isinstance(each, Said) else each for each in self.said]
        return max((each for each in numbers if each is not None), default=self.default)


ONE = Size(1)


class Field(NamedTuple):
    """One field that answers objects, or COUNT of them: what each costs itself, and what is selected of it."""

    key: str
    own: int
    size: Size
    selected: "Selection"


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What costs something of a selection; a fragment is the same object wherever it is spread."""

    fields: Sequence[Field]
    fragments: Sequence["Selection"]

    @property
    def is_free(self) -> bool:
        """Whether nothing of it costs anything."""
        return not self.fields and all(fragment.is_free for fragment in self.fragments)


FREE = Selection((), ())


def requested(selection: Selection, variables: Variables) -> int:
    """What it costs at most; each fragment is looked at once."""
    return _requested(selection, variables, {})


def _requested(selection: Selection, variables: Variables, known: dict[Selection, int]) -> int:
    if (cost := known.get(selection)) is None:
        cost = sum(_requested(fragment, variables, known) for fragment in selection.fragments)
        for field in selection.fields:
            cost += field.size.of(variables) * (field.own + _requested(field.selected, variables, known))
        known[selection] = cost
    return cost


def actual(selection: Selection, data: Any) -> int:  # noqa: ANN401  (what was answered)
    """What the answer cost: of fields that share a key each, as in `requested`."""
    if type(data) is not dict:
        return 0
    cost = 0
    for key, own, _, selected in selection.fields:
        value = data.get(key)
        if value is None:
            continue
        if selected is FREE:
            cost += own * (len(value) if type(value) is list else 1)
        else:
            items = value if type(value) is list else (value,)
            cost += sum(own + actual(selected, item) for item in items if item is not None)
    return cost + sum(actual(fragment, data) for fragment in selection.fragments)
