"""A comparison that finds nothing proves nothing: answers that differ, in each way there is."""

from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema

from tests.fuzz.documents import Attempt, Request
from tests.fuzz.equality import DifferenceError, compared
from tests.fuzz.errors import relax

pytestmark = pytest.mark.anyio


@strawberry.type
class Query:
    """What is answered is up to the context, which is another one in each execution."""

    @strawberry.field
    def text(self, info: strawberry.Info) -> str | None:
        answer: str | None = info.context()
        return answer

    @strawberry.field
    def oldest_age_seconds(self, info: strawberry.Info) -> int:
        return int(info.context())

    @strawberry.field
    def url(self, info: strawberry.Info) -> str:
        return str(info.context())

    @strawberry.field
    def first(self, info: strawberry.Info) -> str:
        return str(info.context())

    @strawberry.field
    def second(self) -> str:
        raise ValueError("the second")


class Subject:
    """Answers with the first of these to graphql-core, with the second to the plan, and so on."""

    def __init__(self, *answers: Callable[[], Any]) -> None:
        self.schema: GraphQLSchema = strawberry.Schema(Query)._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
        self.relaxed = relax(strawberry.Schema(Query)._schema)  # noqa: SLF001  (the same)
        self._answers = iter(answers)

    def context(self, _: str) -> Any:  # noqa: ANN401  (as the protocol has it)
        return next(self._answers)


def asked(text: str) -> Request:
    return Request(text, [Attempt("anybody", {})])


def failing(message: str) -> Callable[[], Any]:
    def fail() -> None:
        raise ValueError(message)

    return fail


async def test_the_same_answers_are_no_difference() -> None:
    answers = await compared(Subject(lambda: "1", lambda: "1"), asked("{ text }"))
    assert [each.got.data for each in answers] == [{"text": "1"}]


async def test_other_data_are_a_difference_that_tells_all_it_takes_to_see_it_again() -> None:
    with pytest.raises(DifferenceError, match=r"Data differ, as anybody\n\{ text \}\nvariables: \{\}\n"):
        await compared(Subject(lambda: "1", lambda: "2"), asked("{ text }"))


async def test_an_error_with_another_text_is_a_difference() -> None:
    subject = Subject(failing("one"), failing("another"), failing("one"))
    with pytest.raises(DifferenceError, match="Errors differ"):
        await compared(subject, asked("{ text }"))


async def test_a_null_without_its_error_is_a_difference() -> None:
    with pytest.raises(DifferenceError, match="Nulls by errors differ"):
        await compared(Subject(failing("one"), lambda: None), asked("{ text }"))


async def test_of_two_errors_for_one_null_either_may_be_told() -> None:
    subject = Subject(failing("the first"), lambda: 1, failing("the first"))
    answers = await compared(subject, asked("{ first second }"))
    assert [error.message for error in answers[0].expected.errors or ()] == ["the first"]
    assert [error.message for error in answers[0].got.errors or ()] == ["the second"]


async def test_but_none_that_could_not_have_come() -> None:
    subject = Subject(failing("the first"), failing("another"), failing("the first"))
    with pytest.raises(DifferenceError, match="Errors differ"):
        await compared(subject, asked("{ first second }"))


async def test_what_the_clock_decides_is_not_compared() -> None:
    answers = await compared(Subject(lambda: 1, lambda: 2), asked("{ now: oldestAgeSeconds }"))
    assert [each.got.data for each in answers] == [{"now": 2}]


async def test_of_a_url_what_it_leads_to_is_compared_and_not_until_when() -> None:
    later = Subject(lambda: "/files/1?expires=1", lambda: "/files/1?expires=2")
    assert (await compared(later, asked("{ url }")))[0].got.data == {"url": "/files/1?expires=2"}
    with pytest.raises(DifferenceError, match="Data differ"):
        await compared(Subject(lambda: "/files/1?expires=1", lambda: "/files/2?expires=1"), asked("{ url }"))
