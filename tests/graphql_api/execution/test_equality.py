"""The answers of plans are those of graphql-core: data byte for byte, errors by message, path, code and place."""

import asyncio
import gc

import pytest
from hypothesis import Phase, given
from hypothesis import settings as configured

from settings.config import Settings
from tests.fuzz import shop, stock
from tests.fuzz.documents import Attempt, Family, Request
from tests.fuzz.equality import compared
from tests.fuzz.exploring import Explorable, collected_here
from tests.fuzz.torture import TortureSubject

TORTURE = TortureSubject()

FAMILIES = 60
"""Of five documents each."""

pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning"  # graphql-core's, where an error comes first
)


def compare(subject: Explorable, runner: asyncio.Runner) -> None:
    @configured(max_examples=FAMILIES, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(subject.families())
    def each(family: Family) -> None:
        for request in family.requests():
            if request.is_valid(subject.schema):
                runner.run(compared(subject, request))
        gc.collect()

    with collected_here():
        each()


def asked(text: str, *variables: dict[str, object]) -> Request:
    return Request(text, [Attempt("administrator", each) for each in variables or ({},)])


def test_a_list_that_fails_by_and_by_tells_why() -> None:
    answers = asyncio.run(compared(TORTURE, asked("{ branch(number: 3) { streamed } }")))
    assert [error.message for error in answers[0].got.errors or ()] == ["110 raises"]


def test_a_plan_answers_as_graphql_core_does() -> None:
    with asyncio.Runner() as runner:
        compare(TORTURE, runner)


def test_a_plan_of_our_schema_does_for_everybody_and_nothing_is_written(settings: Settings) -> None:
    stock.add(settings)
    before = stock.digest(settings)
    with asyncio.Runner() as runner, shop.opened(settings, runner) as subject:
        compare(subject, runner)
    assert stock.digest(settings) == before
