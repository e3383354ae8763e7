"""One execution: what is awaited, what failed, and where the nulls are that errors leave.

All that can be answered at once is filled in at once. What has to be awaited leaves a hole, and holes are filled
together: those of one field for all rows in one step, those of different fields side by side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from inspect import iscoroutine
from typing import Any, NamedTuple, Protocol

from graphql import FieldNode, GraphQLError, GraphQLSchema, located_error
from graphql.execution.values import VariableValues

from graphql_api.execution.positions import (
    CONTAINER,
    IS_NULLABLE,
    KEY,
    PARENT,
    Position,
    is_in_answer,
    nearest_nullable,
    path_of,
)


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


class Run:
    """What one execution has at hand."""

    __slots__ = (
        "arguments",
        "context",
        "errors",
        "hides_suggestions",
        "is_null",
        "operation_extensions",
        "pending",
        "root_value",
        "schema",
        "variables",
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        context: Any,  # noqa: ANN401  (the schema's own)
        variables: VariableValues,
        *,
        root_value: Any = None,  # noqa: ANN401  (the schema's own)
        operation_extensions: dict[str, Any] | None = None,
        hides_suggestions: bool = False,
    ) -> None:
        self.schema = schema
        self.context = context
        self.variables = variables
        self.root_value = root_value
        self.operation_extensions = operation_extensions
        self.hides_suggestions = hides_suggestions
        self.errors: list[GraphQLError] = []
        self.is_null = False
        self.pending: list[Hole] = []
        self.arguments: dict[Any, dict[str, Any]] = {}

    def fail(self, error: Exception, nodes: list[FieldNode], position: Position) -> None:
        """Note why there is no value here, if there may be none; else raise it, for what it stands in has none either."""
        located = located_error(error, nodes, path_of(position))
        if not position[IS_NULLABLE]:
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
        position = hole.position
        try:
            value = hole.field.complete(outcome, position, self)
        except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
            self._fail_late(error, hole)
        else:
            position[CONTAINER][position[KEY]] = value

    def _fail_late(self, error: Exception, hole: Hole) -> None:
        """What it stands in is part of the answer already, so it is made null there."""
        self.errors.append(located_error(error, hole.field.nodes, path_of(hole.position)))
        nullable = nearest_nullable(hole.position)
        if nullable is None:
            self.is_null = True
        else:
            nullable[CONTAINER][nullable[KEY]] = None

    def _is_wanted(self, hole: Hole) -> bool:
        wanted = not self.is_null and is_in_answer(hole.position[PARENT])
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
