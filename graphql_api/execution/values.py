"""How objects and lists stand in an answer, and what may be one of several types."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLAbstractType, GraphQLError, GraphQLObjectType, Undefined, default_type_resolver
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor, invalid_return_type_error
from graphql.pyutils import is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from graphql_api.execution.info import ResolveInfo, SelectedField
from graphql_api.execution.plain import Part, Plain, many, written
from graphql_api.execution.positions import Position
from graphql_api.execution.run import Hole, Run, awaited, outcome_of

Complete = Callable[[Any, Position, Run], Any]
"""Makes of a resolver's value what stands in the answer."""

Fill = Callable[[Any, dict[str, Any], Position | None, Run], None]
"""Fills one field of an object into its dict, from the object's source and position."""


def nullable(complete: Complete) -> Complete:
    """What may be null."""

    def completed(value: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (whatever resolvers give)
        if value is None or value is Undefined:
            return None
        if isinstance(value, Exception):
            raise value
        return complete(value, position, run)

    return completed


def required(complete: Complete, missing: str) -> Complete:
    """What may not; `missing` is the error."""

    def completed(value: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (whatever resolvers give)
        if value is None or value is Undefined:
            raise TypeError(missing)
        if isinstance(value, Exception):
            raise value
        return complete(value, position, run)

    return completed


class Value(NamedTuple):
    """What a field answers."""

    complete: Complete
    plain: Callable[[], Plain] | None = None
    """Makes what is enough where the value is there and nothing about it is out of the ordinary, if anything is."""


class Field(NamedTuple):
    """One of an object, by its key in the answer."""

    key: str
    fill: Fill
    part: Part | None = None
    """What it is among those that are read off the source; None: it is no such field."""


class OneObject:
    """An object with these fields. Once it has come a few times, what is plain of it is read in one go."""

    def __init__(self, fields: Sequence[Field], few: int) -> None:
        self._fields = fields
        self._few = few
        self._fills = [field.fill for field in fields]
        self._others = [field.fill for field in fields if field.part is None]
        self._seen = 0
        self._written: Plain | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all of it is read off the source."""
        return not self._others

    def plain(self) -> Plain:
        """What reads the plain fields, written at the first time."""
        if self._written is None:
            self._written = written({field.key: field.part for field in self._fields})
        return self._written

    def __call__(self, value: Any, position: Position, run: Run) -> dict[str, Any]:  # noqa: ANN401  (whatever resolvers give)
        """The object."""
        if self._seen < self._few:
            self._seen += 1
            return self._field_by_field(value, position, run)
        try:
            result: dict[str, Any] = (self._written or self.plain())(value)
        except Exception:  # noqa: BLE001  (answered field by field, where it is caught again and told of)
            return self._field_by_field(value, position, run)
        for fill in self._others:
            fill(value, result, position, run)
        return result

    def _field_by_field(self, value: Any, position: Position, run: Run) -> dict[str, Any]:  # noqa: ANN401  (as above)
        result: dict[str, Any] = {}
        for fill in self._fills:
            fill(value, result, position, run)
        return result


class CheckedObject:
    """An object whose type says itself whether a value is one of it."""

    def __init__(
        self, kind: GraphQLObjectType, complete: Complete, selected: SelectedField, details: FieldDetailsList
    ) -> None:
        self._kind = kind
        self._complete = complete
        self._selected = selected
        self._details = details

    def __call__(self, value: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (whatever resolvers give)
        """The object."""
        if not self._kind.is_type_of(value, ResolveInfo(self._selected, run, position)):  # type: ignore[misc, arg-type]  # else it is not made
            raise invalid_return_type_error(self._kind, value, self._details)
        return self._complete(value, position, run)


class OneOfSeveral:
    """What is of an interface or a union; its types are compiled as they come."""

    def __init__(
        self,
        kind: GraphQLAbstractType,
        compiled: Callable[[GraphQLObjectType], Complete],
        selected: SelectedField,
        details: FieldDetailsList,
    ) -> None:
        self._kind = kind
        self._compiled = compiled
        self._selected = selected
        self._details = details
        self._known: dict[GraphQLObjectType, Complete] = {}

    def __call__(self, value: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (whatever resolvers give)
        """The object."""
        kind = self._type(value, ResolveInfo(self._selected, run, position), run)
        complete = self._known.get(kind)
        if complete is None:
            complete = self._known[kind] = self._compiled(kind)
        return complete(value, position, run)

    def _type(self, value: Any, info: ResolveInfo, run: Run) -> GraphQLObjectType:  # noqa: ANN401  (whatever resolvers give)
        resolve = self._kind.resolve_type or default_type_resolver
        name = resolve(value, info, self._kind)  # type: ignore[arg-type]  # it has all that graphql-core's has
        return Executor.ensure_valid_runtime_type(run, name, self._kind, self._details, info, value)  # type: ignore[arg-type]  # it looks at the schema alone


class ManyValues:
    """A list."""

    def __init__(self, item: Value, selected: SelectedField, few: int, *, has_nulls: bool) -> None:
        self._few = few
        self._item = item.complete
        self._plain = item.plain
        self._nodes = selected.nodes
        self._has_nulls = has_nulls
        self._read: Plain | None = None
        self._awaited_item = AwaitedItem(item.complete, selected.nodes)
        self._awaited_list = AwaitedList(nullable(self), selected.nodes)
        self._no_list = f"Expected Iterable, but did not find one for field '{selected.parent_type}.{{}}'."
        self._field_name = selected.nodes[0].name.value

    def __call__(self, value: Any, position: Position, run: Run) -> list[Any] | None:  # noqa: ANN401  (whatever resolvers give)
        """The list; None as long as it is awaited."""
        if type(value) is list and self._plain and len(value) > self._few:
            try:
                items: list[Any] = self.plain()(value)
            except Exception:  # noqa: BLE001  (answered one by one, where it is caught again and told of)
                return self._items(value, position, run)
            return items
        if hasattr(value, "__aiter__"):
            run.wait_for(self._awaited_list, value, position)
            return None
        if not is_iterable(value):
            raise GraphQLError(self._no_list.format(self._field_name))
        return self._items(value, position, run)

    def plain(self) -> Plain:
        """What reads the whole list at once; only where there is such a thing of its items."""
        if self._read is None:
            self._read = many(self._plain(), has_nulls=self._has_nulls)  # type: ignore[misc]  # only asked for where there is
        return self._read

    def _items(self, values: Iterable[Any], position: Position, run: Run) -> list[Any]:
        items: list[Any] = []
        for index, value in enumerate(values):
            items.append(None)
            place: Position = (position, items, index, self._has_nulls)
            try:
                if type(value) is not dict and is_awaitable(value):
                    run.wait_for(self._awaited_item, value, place)
                else:
                    items[index] = self._item(value, place, run)
            except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
                run.fail(error, self._nodes, place)
        return items


class AwaitedItem:
    """An item that is awaited."""

    def __init__(self, complete: Complete, nodes: list[FieldNode]) -> None:
        self.complete = complete
        self.nodes = nodes

    async def outcomes(self, _: Run, holes: Sequence[Hole]) -> Sequence[Any]:
        """What came of each."""
        return await awaited(holes)


class AwaitedList:
    """A list whose items come by and by."""

    def __init__(self, complete: Complete, nodes: list[FieldNode]) -> None:
        self.complete = complete
        self.nodes = nodes

    async def outcomes(self, _: Run, holes: Sequence[Hole]) -> Sequence[Any]:
        """All items of each."""
        return [await outcome_of(partial(_listed, source)) for source, _ in holes]


async def _listed(values: Any) -> list[Any]:  # noqa: ANN401  (an asynchronous iterable)
    return [value async for value in values]
