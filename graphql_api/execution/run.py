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
from typing import Any, Protocol

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


Hole = tuple[Any, Position]
"""What a value that is awaited is made from, and the place in the answer that waits for it."""


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

    __slots__ = ("arguments", "asked", "context", "errors", "is_null", "pending", "shown", "variables")

    def __init__(self, asked: Asked, variables: VariableValues) -> None:
        self.asked = asked
        self.context = asked.context
        self.variables = variables
        self.errors: list[GraphQLError] = []
        self.is_null = False
        self.pending: dict[Awaited, list[Hole]] = {}
        self.arguments: dict[Any, dict[str, Any]] = {}
        self.shown: dict[tuple[Any, int], tuple[Any, Any]] = {}
        """Of what is shown, and of which object, that object and its answer."""

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
        holes = self.pending.get(field)
        if holes is None:
            self.pending[field] = [(source, position)]
        else:
            holes.append((source, position))

    async def settle(self) -> None:
        """Fill what is pending, and what becomes pending by that."""
        while len(self.pending) == 1:
            pending, self.pending = self.pending, {}
            await self._settle_field(*pending.popitem())
        if not self.pending:
            return
        pending, self.pending = self.pending, {}
        async with asyncio.TaskGroup() as tasks:
            for field, holes in pending.items():
                tasks.create_task(self._settle_all(field, holes))

    async def _settle_all(self, field: Awaited, holes: Sequence[Hole]) -> None:
        """These, and what becomes pending by them."""
        await self._settle_field(field, holes)
        await self.settle()

    async def _settle_field(self, field: Awaited, holes: Sequence[Hole]) -> None:
        if self.errors:
            holes = [hole for hole in holes if self._is_wanted(hole)]
        outcomes = await field.outcomes(self, holes)
        complete = field.complete
        for hole, outcome in zip(holes, outcomes, strict=True):
            if self.errors and not self._is_wanted(hole):
                continue
            _, position = hole
            try:
                position[1][position[2]] = complete(outcome, position, self)
            except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
                self._fail_late(error, field.nodes, position)

    def _fail_late(self, error: Exception, nodes: list[FieldNode], position: Position) -> None:
        """What it stands in is part of the answer already, so it is made null there."""
        self.errors.append(located_error(error, nodes, path_of(position)))
        nullable = nearest_nullable(position)
        if nullable is None:
            self.is_null = True
        else:
            _, container, key, _ = nullable
            container[key] = None

    def _is_wanted(self, hole: Hole) -> bool:
        source, position = hole
        wanted = not self.is_null and is_in_answer(position[0])
        if not wanted and iscoroutine(source):
            source.close()
        return wanted


async def outcome_of(resolve: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401  (whatever resolvers give)
    """What it gives, or the exception it raises."""
    try:
        return await resolve()
    except Exception as error:  # noqa: BLE001  (a resolver's: answered as an error of its field)
        return error


async def awaited(holes: Iterable[Hole]) -> Sequence[Any]:
    """What came of each whose source is what is awaited."""
    return await asyncio.gather(*(outcome_of(partial(_awaited, source)) for source, _ in holes))


async def _awaited(value: Awaitable[Any]) -> Any:  # noqa: ANN401  (whatever resolvers give)
    return await value
