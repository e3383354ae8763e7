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


def test_those_not_asked_for_longest_make_room(schema: GraphQLSchema) -> None:
    documents = Documents(QueryLimits())
    oldest, asked_for = documents.prepare(schema, "{__typename}"), documents.prepare(schema, "{a:__typename}")
    for number in range(ROOM // 10_000):
        documents.prepare(schema, f"{{b{number}:__typename}}" + " " * 9_900)
        assert documents.prepare(schema, "{a:__typename}") is asked_for
    documents.prepare(schema, "{c:__typename}" + " " * 9_900)
    assert documents.prepare(schema, "{__typename}") is not oldest
    assert documents.prepare(schema, "{a:__typename}") is asked_for
