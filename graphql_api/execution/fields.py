"""The kinds of fields: what is read from the source, what a resolver answers at once, and what is awaited."""

from __future__ import annotations  # else Python would make those of a function anew for each field of each plan

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from graphql import GraphQLString
from strawberry.execution import optimized_is_awaitable as is_awaitable
from strawberry.types.fields.resolver import StrawberryResolver
from typing_extensions import override

from graphql_api.execution import plain
from graphql_api.execution.arguments import Arguments
from graphql_api.execution.info import ResolveInfo, SelectedField
from graphql_api.execution.leaves import Leaf
from graphql_api.execution.plain import Part
from graphql_api.execution.positions import Position
from graphql_api.execution.run import Hole, Run, awaited, outcome_of
from graphql_api.execution.values import Complete, Field, Value
from schema.nodes import GraphQLInfo
from schema.reading import Relation

InfoOf = Callable[[Run, Position], GraphQLInfo]
"""What the field's resolver is told there."""

Read = Callable[[Any], Any]
"""Takes a field from a source."""


def constant(key: str, value: Any) -> Field:  # noqa: ANN401  (whatever is answered)
    """The same for every object."""

    def fill(_: Any, result: dict[str, Any], __: Position | None, ___: Run) -> None:  # noqa: ANN401  (any source)
        result[key] = value

    return Field(key, fill, Part(lambda _: value, partial(plain.leaf, GraphQLString), is_nullable=False))


def read_leaf(selected: SelectedField, name: str, read: Read, leaf: Leaf) -> Field:
    """A scalar that the source has by this name."""
    key, nodes, is_nullable = selected.key, selected.nodes, selected.is_nullable

    def fill(source: Any, result: dict[str, Any], at: Position | None, run: Run) -> None:  # noqa: ANN401  (any source)
        try:
            result[key] = leaf(source.get(name) if type(source) is dict else read(source))
        except Exception as error:  # noqa: BLE001  (answered as an error of the field)
            result[key] = None
            run.fail(error, nodes, (at, result, key, is_nullable))

    return Field(key, fill, Part(name, partial(plain.leaf, selected.leaf_type), is_nullable))


def computed_leaf(selected: SelectedField, compute: Read, leaf: Leaf) -> Field:
    """A scalar that is made of the source alone."""
    key, nodes, is_nullable = selected.key, selected.nodes, selected.is_nullable

    def fill(source: Any, result: dict[str, Any], at: Position | None, run: Run) -> None:  # noqa: ANN401  (any source)
        try:
            result[key] = leaf(compute(source))
        except Exception as error:  # noqa: BLE001  (answered as an error of the field)
            result[key] = None
            run.fail(error, nodes, (at, result, key, is_nullable))

    return Field(key, fill, Part(compute, partial(plain.leaf, selected.leaf_type), is_nullable))


def read_value(selected: SelectedField, name: str, read: Read, value: Value) -> Field:
    """An object or a list that the source has by this name."""
    key, nodes, is_nullable, complete = selected.key, selected.nodes, selected.is_nullable, value.complete

    def fill(source: Any, result: dict[str, Any], at: Position | None, run: Run) -> None:  # noqa: ANN401  (any source)
        position: Position = (at, result, key, is_nullable)
        try:
            found = source.get(name) if type(source) is dict else read(source)
            result[key] = complete(found, position, run)
        except Exception as error:  # noqa: BLE001  (answered as an error of the field)
            result[key] = None
            run.fail(error, nodes, position)

    return Field(key, fill, Part(name, value.plain, is_nullable) if value.plain else None)


class Resolved:
    """What a resolver answers; if it is to be awaited after all, that is done with the others'."""

    def __init__(self, selected: SelectedField, complete: Complete) -> None:
        self.selected = selected
        self.nodes = selected.nodes
        self.complete = complete
        self._key, self._is_nullable = selected.key, selected.is_nullable
        self._arguments = Arguments(selected.field, selected.nodes[0])

    def fill(self, source: Any, result: dict[str, Any], at: Position | None, run: Run) -> None:  # noqa: ANN401  (any source)
        """Call the resolver."""
        position: Position = (at, result, self._key, self._is_nullable)
        try:
            value = self._resolve(source, position, run)
            if is_awaitable(value):
                result[self._key] = None
                run.wait_for(self, value, position)
            else:
                result[self._key] = self.complete(value, position, run)
        except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
            result[self._key] = None
            run.fail(error, self.nodes, position)

    async def outcomes(self, _: Run, holes: Sequence[Hole]) -> Sequence[Any]:
        """What is awaited of each."""
        return await awaited(holes)

    def _resolve(self, source: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (any source)
        info = ResolveInfo(self.selected, run, position)
        return self.selected.field.resolve(source, info, **self._arguments.of(run))  # type: ignore[misc]  # a field without is read


class AsyncResolved(Resolved):
    """What an asynchronous resolver answers, called when the others are."""

    @override
    def fill(self, source: Any, result: dict[str, Any], at: Position | None, run: Run) -> None:
        """Leave a hole."""
        result[self._key] = None
        run.wait_for(self, source, (at, result, self._key, self._is_nullable))

    @override
    async def outcomes(self, run: Run, holes: Sequence[Hole]) -> Sequence[Any]:
        """What came of each; one alone without a task."""
        each = [partial(self._awaited_by, run, hole) for hole in holes]
        if len(each) == 1:
            return [await outcome_of(each[0])]
        return await asyncio.gather(*map(outcome_of, each))

    async def _awaited_by(self, run: Run, hole: Hole) -> Any:  # noqa: ANN401  (whatever resolvers give)
        source, position = hole
        return await self._resolve(source, position, run)


class RelatedRows(AsyncResolved):
    """Documents that sources name by their ids, those of all rows at once.

    Many rows name the same: where nothing of a document is awaited, it stands in the answer as often, made once.
    """

    def __init__(self, selected: SelectedField, value: Value, info_of: InfoOf, relation: Relation) -> None:
        super().__init__(selected, _once(value.complete) if value.plain else value.complete)
        self._info_of = info_of
        self._relation = relation

    @override
    async def outcomes(self, run: Run, holes: Sequence[Hole]) -> Sequence[Any]:
        """What each row shows; what fails for one fails for all."""

        def info_of(index: int) -> GraphQLInfo:
            return self._info_of(run, holes[index][1])

        try:
            return await self._relation.of(info_of(0), [source for source, _ in holes], info_of)
        except Exception as error:  # noqa: BLE001  (answered as an error of the field)
            return [error] * len(holes)


def _once(complete: Complete) -> Complete:
    """The same for the same document."""

    def completed(value: Any, position: Position, run: Run) -> Any:  # noqa: ANN401  (whatever resolvers give)
        known = run.shown.get((completed, id(value)))
        if known is None or run.errors:
            known = value, complete(value, position, run)
            if not run.errors:
                run.shown[completed, id(value)] = known
        return known[1]

    return completed


class Bound(Resolved):
    """What a resolver without arguments answers, called without anything in between."""

    def __init__(
        self, selected: SelectedField, complete: Complete, info_of: InfoOf, resolver: StrawberryResolver[Any]
    ) -> None:
        super().__init__(selected, complete)
        self._info_of = info_of
        self._function = cast("Callable[..., Any]", resolver.wrapped_func)
        self._takes_self = resolver.self_parameter is not None
        self._sources = [each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each]
        self._info = resolver.info_parameter.name if resolver.info_parameter else None

    @override
    def _resolve(self, source: Any, position: Position, run: Run) -> Any:
        given = dict.fromkeys(self._sources, source)
        if self._info:
            given[self._info] = self._info_of(run, position)
        return self._function(source, **given) if self._takes_self else self._function(**given)
