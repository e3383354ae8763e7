from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse
from hypothesis import given
from hypothesis import strategies as st

from graphql_api.caching.question import Question
from graphql_api.schema import create_schema

TEXT = """
query One($first: Int = 3, $slug: String) { products(first: $first) { totalCount } product(slug: $slug) { id } }
query Two($first: Int = 3, $slug: String) { products(first: $first) { totalCount } product(slug: $slug) { id } }
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=6,
)


def _questions(text: str = TEXT) -> list[Question]:
    schema, document = create_schema()._schema, parse(text)  # noqa: SLF001  (Strawberry shows it nowhere else)
    each = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return [Question.of(schema, document, one) for one in each]


def test_another_text_another_operation_and_other_variables_are_other_questions() -> None:
    one, two = _questions()
    (other,) = _questions("query One($first: Int) { products(first: $first) { totalCount } }")
    variables: list[dict[str, Any]] = [
        {},
        {"first": 1},
        {"first": 1.0},
        {"first": "1"},
        {"first": None},
        {"slug": None},
        {"slug": "1"},
    ]
    digests = [question.digest(each) for question in (one, two) for each in variables]
    assert len({*digests, other.digest({}), other.digest({"first": 1})}) == len(digests) + 2


@given(st.dictionaries(st.sampled_from(["first", "slug"]), JSON), st.dictionaries(st.text(), JSON, max_size=2))
def test_neither_the_order_of_variables_nor_what_is_not_declared_matters(
    given_: dict[str, Any], more: dict[str, Any]
) -> None:
    one, _ = _questions()
    turned = dict(reversed(given_.items()))
    rest = {name: value for name, value in more.items() if name not in one.variables}
    assert one.digest(given_) == one.digest(rest | turned)


@pytest.mark.parametrize("value", [Path(), b"", 2**70, "\ud800"], ids=["an object", "bytes", "a large number", "half"])
def test_what_is_no_json_is_no_question(value: object) -> None:
    assert _questions()[0].digest({"slug": value}) is None
