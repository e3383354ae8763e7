"""How objects and lists stand in an answer, and what may be one of several types."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from graphql import FieldNode, GraphQLAbstractType, GraphQLError, GraphQLObjectType, Undefined, default_type_resolver
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor, invalid_return_type_error
from graphql.pyutils import is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from graphql_api.execution.info import ResolveInfo, SelectedField
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


def one_object(fills: Sequence[Fill]) -> Complete:
    """An object with these fields."""

    def completed(value: Any, position: Position, run: Run) -> dict[str, Any]:  # noqa: ANN401  (whatever resolvers give)
        result: dict[str, Any] = {}
        for fill in fills:
            fill(value, result, position, run)
        return result

    return completed


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

    def __init__(self, item: Complete, selected: SelectedField, *, has_nulls: bool) -> None:
        self._item = item
        self._nodes = selected.nodes
        self._has_nulls = has_nulls
        self._awaited_item = AwaitedItem(item, selected.nodes)
        self._awaited_list = AwaitedList(nullable(self), selected.nodes)
        self._no_list = f"Expected Iterable, but did not find one for field '{selected.parent_type}.{{}}'."
        self._field_name = selected.nodes[0].name.value

    def __call__(self, value: Any, position: Position, run: Run) -> list[Any] | None:  # noqa: ANN401  (whatever resolvers give)
        """The list; None as long as it is awaited."""
        if hasattr(value, "__aiter__"):
            run.wait_for(self._awaited_list, value, position)
            return None
        if not is_iterable(value):
            raise GraphQLError(self._no_list.format(self._field_name))
        return self._items(value, position, run)

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
        return [await outcome_of(partial(_listed, hole.source)) for hole in holes]


async def _listed(values: Any) -> list[Any]:  # noqa: ANN401  (an asynchronous iterable)
    return [value async for value in values]
