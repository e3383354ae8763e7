"""Whether a plan answers as graphql-core does: data byte for byte, errors by message, path, code and place."""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from graphql import ExecutionResult, FieldNode, GraphQLError, GraphQLSchema, Visitor, execute, visit
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor

from graphql_api.execution.plan import Plan
from graphql_api.execution.run import Asked
from tests.fuzz.documents import Attempt, Request
from tests.fuzz.errors import are_possible, by_null

BY_CLOCK = frozenset({"oldestAgeSeconds", "url"})
"""Fields whose values may be others a moment later: an age, and until when a signed URL is good, behind its `?`."""


class Subject(Protocol):
    """A schema, and what its resolvers work with."""

    schema: GraphQLSchema
    relaxed: GraphQLSchema
    """The same in which everything may be null."""

    def context(self, who: str) -> Any:  # noqa: ANN401  (the schema's own)
        """A new one, for one execution."""


@dataclass(frozen=True)
class Answers:
    """Of graphql-core and of the plan, to one attempt."""

    attempt: Attempt
    expected: ExecutionResult
    got: ExecutionResult


class DifferenceError(AssertionError):
    """They do not answer the same. The message has all it takes to see it again."""

    def __init__(self, what: str, request: Request, answers: Answers) -> None:
        super().__init__(
            f"{what} differ, as {answers.attempt.who}\n{request.text}\n"
            f"variables: {answers.attempt.variables}\n"
            f"graphql-core: {answers.expected}\n"
            f"plan:         {answers.got}"
        )


async def compared(subject: Subject, request: Request) -> list[Answers]:
    """The answers to each attempt, all by one plan, which has a function written for what it reads from the start.

    Raises:
        DifferenceError: two are not the same.
    """
    plan, found = Plan(subject.schema, request.document, request.operation, few=0), []
    clocks = _keys(request, BY_CLOCK)
    for attempt in request.attempts:
        expected = await by_graphql_core(subject, request, attempt, subject.schema)
        got = await _by_plan(plan, Asked(subject.schema, subject.context(attempt.who), attempt.variables))
        found.append(answers := Answers(attempt, expected, got))
        if what := await _difference(subject, request, answers, clocks):
            raise DifferenceError(what, request, answers)
    return found


async def by_graphql_core(
    subject: Subject, request: Request, attempt: Attempt, schema: GraphQLSchema
) -> ExecutionResult:
    """Executed as Strawberry does it."""
    result = execute(
        schema,
        request.document,
        variable_values=attempt.variables,
        context_value=subject.context(attempt.who),
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # Strawberry types it so
        executor_class=Executor,
    )
    return result if isinstance(result, ExecutionResult) else await result


async def _by_plan(plan: Plan, asked: Asked) -> ExecutionResult:
    """What it raises is an answer as well: one that graphql-core never gives."""
    try:
        return await plan.execute(asked)
    except Exception as error:  # noqa: BLE001  (whatever a fault of ours raises)
        return ExecutionResult(None, [GraphQLError(f"The plan raised {error!r}.")])


async def _difference(subject: Subject, request: Request, answers: Answers, clocks: frozenset[str]) -> str | None:
    expected, got = answers.expected, answers.got
    if _bytes(expected.data, clocks) != _bytes(got.data, clocks):
        return "Data"
    before, after = by_null(expected), by_null(got)
    if before == after:
        return None
    if before.keys() != after.keys():
        return "Nulls by errors"
    disputed = [error for null in before if before[null] != after[null] for error in after[null]]
    relaxed = await by_graphql_core(subject, request, answers.attempt, subject.relaxed)
    return None if are_possible(disputed, relaxed) else "Errors"


def _bytes(data: Any, hidden: frozenset[str]) -> bytes:  # noqa: ANN401  (JSON is anything)
    return orjson.dumps(_without(data, hidden) if hidden else data)


def _without(data: Any, hidden: frozenset[str]) -> Any:  # noqa: ANN401  (JSON is anything)
    if isinstance(data, dict):
        return {key: _timeless(value) if key in hidden else _without(value, hidden) for key, value in data.items()}
    return [_without(value, hidden) for value in data] if isinstance(data, list) else data


def _timeless(value: Any) -> Any:  # noqa: ANN401  (JSON is anything)
    return value.partition("?")[0] if isinstance(value, str) else value is None


class _Keys(Visitor):
    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:  # noqa: ANN401  (as graphql-core calls it)
        if node.name.value in self._names:
            self.found.add((node.alias or node.name).value)


def _keys(request: Request, names: frozenset[str]) -> frozenset[str]:
    """Those that these fields have in the answer."""
    keys = _Keys(names)
    visit(request.document, keys)
    return frozenset(keys.found)
