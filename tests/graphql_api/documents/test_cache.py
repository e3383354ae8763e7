"""Documents that are remembered."""

import pytest
from graphql import GraphQLError, GraphQLSchema

from graphql_api.documents.cache import ROOM, Documents
from graphql_api.schema import create_schema
from settings.limits import QueryLimits


@pytest.fixture(name="schema", scope="module")
def _schema() -> GraphQLSchema:
    return create_schema()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)


def test_a_document_is_read_once(schema: GraphQLSchema) -> None:
    documents = Documents(QueryLimits())
    assert documents.prepare(schema, "{__typename}") is documents.prepare(schema, "{__typename}")


def test_what_is_wrong_takes_no_room(schema: GraphQLSchema) -> None:
    documents = Documents(QueryLimits())
    first = documents.prepare(schema, "{nothing}")
    assert first.errors
    assert documents.prepare(schema, "{nothing}") is not first
    with pytest.raises(GraphQLError):
        documents.prepare(schema, "{")


def test_a_flood_of_new_ones_leaves_those_that_are_asked_for_again(schema: GraphQLSchema) -> None:
    documents = Documents(QueryLimits())
    asked_for = documents.prepare(schema, "{a:__typename}")
    assert documents.prepare(schema, "{a:__typename}") is asked_for
    once = documents.prepare(schema, "{__typename}")
    for number in range(2 * ROOM // 10_000):
        documents.prepare(schema, f"{{b{number}:__typename}}" + " " * 9_900)
    assert documents.prepare(schema, "{__typename}") is not once
    assert documents.prepare(schema, "{a:__typename}") is asked_for
