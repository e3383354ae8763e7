import asyncio
from itertools import product
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, FragmentDefinitionNode, get_operation_ast, parse, validate

from graphql_api.execution.plan import Plan
from graphql_api.execution.run import Asked
from graphql_api.execution.variants import Variants, size_of

pytestmark = pytest.mark.anyio

SOON = 5.0


class Story:
    """What resolvers have done, and where they wait for each other."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.barrier = asyncio.Barrier(2)
        self.begun = asyncio.Event()


@strawberry.type
class Row:
    """Of a list."""

    number: int

    @strawberry.field
    async def meets(self, info: strawberry.Info) -> str:
        await info.context.barrier.wait()
        return f"row {self.number}"


@strawberry.type
class Query:
    """What is read."""

    @strawberry.field
    async def meets(self, info: strawberry.Info) -> str:
        await info.context.barrier.wait()
        return "met"

    @strawberry.field
    async def rows(self) -> list[Row]:
        return [Row(number=1), Row(number=2)]

    @strawberry.field
    async def never(self, info: strawberry.Info) -> str:
        info.context.told.append("began")
        if len(info.context.told) == 2:
            info.context.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            info.context.told.append("cancelled")
        return ""

    @strawberry.field
    async def fails(self) -> str:
        raise ValueError("It fails.")

    @strawberry.field
    def number(self, of: int = 1) -> int:
        return of


@strawberry.type
class Mutation:
    """What is done."""

    @strawberry.mutation
    async def write(self, info: strawberry.Info, text: str) -> str | None:
        info.context.told.append(f"{text} begins")
        await asyncio.sleep(0)
        info.context.told.append(f"{text} ends")
        return text

    @strawberry.mutation
    async def fail(self) -> str:
        raise ValueError("It fails.")


SCHEMA = strawberry.Schema(Query, Mutation)._schema  # noqa: SLF001  (Strawberry shows it nowhere else)


def plan(text: str, variants: Variants | None = None) -> Plan:
    document = parse(text)
    assert not validate(SCHEMA, document)
    operation = get_operation_ast(document)
    assert operation
    return Plan(SCHEMA, document, operation, variants)


async def execute(text: str, story: Story, variables: dict[str, Any] | None = None) -> ExecutionResult:
    return await plan(text).execute(Asked(SCHEMA, story, variables))


async def test_root_fields_of_a_query_run_side_by_side() -> None:
    async with asyncio.timeout(SOON):
        result = await execute("{ a: meets b: meets }", Story())
    assert result == ExecutionResult({"a": "met", "b": "met"}, None)


async def test_the_rows_of_a_list_run_side_by_side() -> None:
    async with asyncio.timeout(SOON):
        result = await execute("{ rows { meets } }", Story())
    assert result == ExecutionResult({"rows": [{"meets": "row 1"}, {"meets": "row 2"}]}, None)


async def test_what_is_below_one_field_waits_for_no_other() -> None:
    async with asyncio.timeout(SOON):
        result = await execute("{ rows { number } meets again: meets }", Story())
    assert result.data == {"rows": [{"number": 1}, {"number": 2}], "meets": "met", "again": "met"}


async def test_mutations_run_one_after_the_other() -> None:
    story = Story()
    result = await execute('mutation { a: write(text: "a") b: write(text: "b") }', story)
    assert result.data == {"a": "a", "b": "b"}
    assert story.told == ["a begins", "a ends", "b begins", "b ends"]


async def test_after_a_mutation_that_may_not_be_null_has_failed_no_other_runs() -> None:
    story = Story()
    result = await execute('mutation { a: write(text: "a") fail b: write(text: "b") }', story)
    assert result.data is None
    assert [(error.message, error.path) for error in result.errors or ()] == [("It fails.", ["fail"])]
    assert story.told == ["a begins", "a ends"]


async def test_who_gives_up_cancels_what_still_runs() -> None:
    story = Story()
    running = asyncio.create_task(execute("{ never other: never }", story))
    async with asyncio.timeout(SOON):
        await story.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert story.told == ["began", "began", "cancelled", "cancelled"]


async def test_one_plan_answers_each_combination_of_conditions() -> None:
    names = "abcde"
    fields = " ".join(f"{name}: number @include(if: ${name})" for name in names)
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    variants = Variants(room=100)
    asked = plan(f"query ({declared}) {{ z: number {fields} }}", variants)
    combinations = list(product((True, False), repeat=len(names)))
    for values in [*combinations, *combinations]:
        variables = dict(zip(names, values, strict=True))
        result = await asked.execute(Asked(SCHEMA, Story(), variables))
        assert result.data == {"z": 1} | {name: 1 for name, value in variables.items() if value}
        assert variants.size <= 110
    assert variants.size == 96, "six fields for each of as many combinations as there is room for"


async def test_null_for_a_condition_is_an_error_and_harms_nobody_who_asks_after_it() -> None:
    asked = plan("query ($leave: Boolean = false) { one: number ... { two: number @skip(if: $leave) } }")
    cases: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        ({"leave": None}, None),
        ({"leave": False}, {"one": 1, "two": 1}),
        ({}, {"one": 1, "two": 1}),
        ({"leave": None}, None),
        ({"leave": True}, {"one": 1}),
    ]
    for variables, answer in cases:
        result = await asked.execute(Asked(SCHEMA, Story(), variables))
        assert (result.data, bool(result.errors)) == (answer, answer is None)


async def test_plans_share_the_room_and_forget_what_there_is_no_room_for() -> None:
    variants = Variants(room=4)
    plans = [plan("{ a: number b: number }", variants) for _ in range(3)]
    for each in [*plans, *plans]:
        assert (await each.execute(Asked(SCHEMA, Story()))).data == {"a": 1, "b": 1}
        assert variants.size <= 4 + 2


def test_a_fragment_counts_wherever_it_is_spread() -> None:
    text = "{ ...A ...A } fragment A on Query { a: number ...B } fragment B on Query { b: number c: number }"
    document = parse(text)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operation = get_operation_ast(document)
    assert operation
    assert size_of(operation, fragments) == 6


async def test_one_plan_answers_each_request_by_its_own_variables() -> None:
    asked = plan("query ($of: Int = 7) { number(of: $of) }")
    answers = [
        (await asked.execute(Asked(SCHEMA, Story(), variables))).data for variables in ({"of": 1}, {}, {"of": 2})
    ]
    assert answers == [{"number": 1}, {"number": 7}, {"number": 2}]


async def test_variables_that_are_not_what_is_asked_for_are_told_of_and_nothing_runs() -> None:
    story = Story()
    result = await execute("mutation ($text: String!) { write(text: $text) }", story, {"text": 5})
    assert result.data is None
    assert [error.path for error in result.errors or ()] == [None]
    assert story.told == []


async def test_root_fields_are_watched_until_they_are_there() -> None:
    told: list[Any] = []

    class Watched:
        def __init__(self, name: str, key: str, errors: list[Any]) -> None:
            self.name, self.key, self.errors = name, key, errors

        def __enter__(self) -> None:
            told.append((self.name, self.key))

        def __exit__(self, *_: object) -> None:
            told.append((self.key, len(self.errors)))

    await plan("{ a: number fails }").execute(Asked(SCHEMA, Story(), watch=Watched))
    assert told == [("number", "a"), ("a", 0), ("fails", "fails"), ("fails", 1)]
