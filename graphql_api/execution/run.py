"""One execution: what is awaited, what failed, and where the nulls are that errors leave.

All that can be answered at once is filled in at once. What has to be awaited leaves a hole, and holes are filled
together: those of one field for all rows in one step, those of different fields side by side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any, NamedTuple, Protocol

from graphql import FieldNode, GraphQLError, GraphQLSchema, located_error
from graphql.execution.values import VariableValues

from graphql_api.execution.positions import Position, is_in_answer, nearest_nullable, path_of


class Awaited(Protocol):
    """A field whose value is awaited, or an item of a list that is."""

    nodes: list[FieldNode]

    async def outcomes(self, run: "Run", holes: Sequence["Hole"]) -> Sequence[Any]:
        """What came of each, an exception for what failed."""

    def complete(self, value: Any, position: Position, run: "Run") -> Any:  # noqa: ANN401  (whatever is answered)
        """The value as it stands in the answer."""


class Hole(NamedTuple):
    """A place in the answer that waits to be filled, and what its value is made from."""

    field: Awaited
    source: Any
    position: Position


MOST_WATCHED = 20
"""Root fields of one operation that are watched: a client may ask for any number, by aliases."""

Watch = Callable[[str, str, list[GraphQLError]], AbstractContextManager[None]]
"""Entered with the name of a root field, its key in the answer and the list of errors; left when it is there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for beside the document, and what the schema's user gives to its resolvers."""

    schema: GraphQLSchema
    context: Any
    variables: Mapping[str, Any] | None = None
    root_value: Any = None
    operation_extensions: dict[str, Any] | None = None
    most_errors: int = 50
    """Of variables, as graphql-core has it."""

    hides_suggestions: bool = False
    watch: Watch | None = None


class Run:
    """What one execution has at hand."""

    __slots__ = ("arguments", "asked", "context", "errors", "is_null", "pending", "variables")

    def __init__(self, asked: Asked, variables: VariableValues) -> None:
        self.asked = asked
        self.context = asked.context
        self.variables = variables
        self.errors: list[GraphQLError] = []
        self.is_null = False
        self.pending: list[Hole] = []
        self.arguments: dict[Any, dict[str, Any]] = {}

    @property
    def schema(self) -> GraphQLSchema:
        """That is executed."""
        return self.asked.schema

    def fail(self, error: Exception, nodes: list[FieldNode], position: Position) -> None:
        """Note why there is no value here; if there has to be one, raise it, so that what it stands in is null."""
        located = located_error(error, nodes, path_of(position))
        *_, is_nullable = position
        if not is_nullable:
            raise located
        self.errors.append(located)

    def wait_for(self, field: Awaited, source: Any, position: Position) -> None:  # noqa: ANN401  (whatever resolvers take)
        """Leave a hole."""
        self.pending.append(Hole(field, source, position))

    async def settle(self) -> None:
        """Fill what is pending, and what becomes pending by that."""
        pending, self.pending = self.pending, []
        if not pending:
            return
        groups = _by_field(pending)
        if len(groups) == 1:
            await self._settle_field(*groups[0])
            return
        async with asyncio.TaskGroup() as tasks:
            for field, holes in groups:
                tasks.create_task(self._settle_field(field, holes))

    async def _settle_field(self, field: Awaited, holes: Sequence[Hole]) -> None:
        if self.errors:
            holes = [hole for hole in holes if self._is_wanted(hole)]
        outcomes = await field.outcomes(self, holes)
        for hole, outcome in zip(holes, outcomes, strict=True):
            if not self.errors or self._is_wanted(hole):
                self._fill(hole, outcome)
        await self.settle()

    def _fill(self, hole: Hole, outcome: Any) -> None:  # noqa: ANN401  (whatever resolvers give)
        _, container, key, _ = hole.position
        try:
            value = hole.field.complete(outcome, hole.position, self)
        except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
            self._fail_late(error, hole)
        else:
            container[key] = value

    def _fail_late(self, error: Exception, hole: Hole) -> None:
        """What it stands in is part of the answer already, so it is made null there."""
        self.errors.append(located_error(error, hole.field.nodes, path_of(hole.position)))
        nullable = nearest_nullable(hole.position)
        if nullable is None:
            self.is_null = True
        else:
            _, container, key, _ = nullable
            container[key] = None

    def _is_wanted(self, hole: Hole) -> bool:
        wanted = not self.is_null and is_in_answer(hole.position[0])
        if not wanted and iscoroutine(hole.source):
            hole.source.close()
        return wanted


def _by_field(holes: Iterable[Hole]) -> list[tuple[Awaited, list[Hole]]]:
    groups: dict[int, tuple[Awaited, list[Hole]]] = {}
    for hole in holes:
        groups.setdefault(id(hole.field), (hole.field, []))[1].append(hole)
    return list(groups.values())


async def outcome_of(resolve: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401  (whatever resolvers give)
    """What it gives, or the exception it raises."""
    try:
        return await resolve()
    except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
        return error


async def awaited(holes: Iterable[Hole]) -> Sequence[Any]:
    """What came of each whose source is what is awaited."""
    return await asyncio.gather(*(outcome_of(partial(_awaited, hole.source)) for hole in holes))


async def _awaited(value: Awaitable[Any]) -> Any:  # noqa: ANN401  (whatever resolvers give)
    return await value
