"""The answers of plans are those of graphql-core: data byte for byte, errors by message, path and code."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, execute, get_operation_ast, parse
from hypothesis import given, settings

from graphql_api.errors import code_of
from graphql_api.execution.plan import Plan
from graphql_api.execution.run import Asked
from tests.support.torture import schema as torture
from tests.support.torture.documents import Request, requests

SCHEMA = torture.create()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)


async def by_graphql_core(request: Request) -> ExecutionResult:
    result = execute(
        SCHEMA,
        parse(request.text),
        variable_values=request.variables,
        context_value=[],
        executor_class=torture.EXECUTOR,
    )
    return result if isinstance(result, ExecutionResult) else await result


async def by_plan(request: Request) -> ExecutionResult:
    document = parse(request.text)
    operation = get_operation_ast(document)
    assert operation
    return await Plan(SCHEMA, document, operation).execute(Asked(SCHEMA, [], request.variables))


def shown(errors: Sequence[GraphQLError] | None) -> set[tuple[Any, ...]]:
    return {
        (error.message, tuple(error.path or ()), code_of(error), tuple(error.locations or ())) for error in errors or ()
    }


def certain(result: ExecutionResult, other: ExecutionResult) -> set[tuple[Any, ...]]:
    """The errors that both have to tell of: one below a null may go untold, whichever comes first makes the null."""
    return (
        {error for error in shown(result.errors) if is_told(error[1], result.data)}
        if other.errors
        else shown(result.errors)
    )


def is_told(path: tuple[str | int, ...], data: Any) -> bool:  # noqa: ANN401  (JSON is anything)
    """Whether the error itself made the null it is behind: what stands around its place is in the answer."""
    for key in path[:-1]:
        if data is None:
            return False
        data = data[key]
    return data is not None


def test_a_list_that_fails_by_and_by_tells_why() -> None:
    request = Request("{ branch(number: 3) { streamed } }")
    expected, got = asyncio.run(by_graphql_core(request)), asyncio.run(by_plan(request))
    assert shown(got.errors) == shown(expected.errors)
    assert got.data == expected.data


@settings(max_examples=300, deadline=None, derandomize=True)
@given(requests(SCHEMA))
def test_a_plan_answers_as_graphql_core_does(request: Request) -> None:
    async def both() -> tuple[ExecutionResult, ExecutionResult]:
        return await by_graphql_core(request), await by_plan(request)

    expected, got = asyncio.run(both())
    assert orjson.dumps(got.data) == orjson.dumps(expected.data)
    assert certain(got, expected) == certain(expected, got)
    assert bool(got.errors) == bool(expected.errors)
