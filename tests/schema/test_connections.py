"""Connections through a small schema of their own, read as the real one reads."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from graphql import print_type
from pymongo import DESCENDING
from pymongo.asynchronous.collection import AsyncCollection
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info
from strawberry.types.base import StrawberryObjectDefinition

from graphql_api.errors import format_errors
from graphql_api.schema import Schema, read
from schema.connections import Connection, Paginated
from schema.cursors import Cursors
from schema.nodes import Node
from schema.pages import Page, PageArguments, Sort, find
from tests.support.commands import Commands

pytestmark = pytest.mark.anyio

Document = dict[str, Any]

NEWEST = Sort("newest", (("number", DESCENDING), ("_id", DESCENDING)))


@dataclass(frozen=True)
class StandIn:
    """What the resolvers here take of a context."""

    collection: AsyncCollection[Document]
    cursors: Cursors
    selections: Document = field(default_factory=dict)


@strawberry.type(name="Thing", description="A thing.")
class ThingType(Node):
    """A document of `things`."""

    number: int = strawberry.field(description="What it is sorted by.")


async def things(info: Info[StandIn, None], page: PageArguments, least: int = 0) -> Page:
    return await find(info.context.collection, {"number": {"$gte": least}}, NEWEST, page)


@strawberry.type
class Query:
    """The root."""

    things: Any = strawberry.field(
        resolver=things, graphql_type=Connection[ThingType], extensions=[Paginated()], description="All things."
    )


def _schema() -> Schema:
    return Schema(query=Query, config=StrawberryConfig(default_resolver=read))


SCHEMA = _schema()


@pytest.fixture
async def context(collection: AsyncCollection[Document], commands: Commands) -> StandIn:
    await collection.insert_many({"number": number} for number in range(30))
    commands.sent.clear()
    return StandIn(collection, Cursors(b"a key of sixteen bytes or more"))


async def _ask(context: StandIn, query: str, variables: Document | None = None) -> Any:  # noqa: ANN401  # any data
    result = await SCHEMA.execute(query, variables, context_value=context)
    assert result.errors is None
    return (result.data or {})["things"]


async def test_pages_are_walked_by_their_cursors_forward_and_back(context: StandIn) -> None:
    forward = "query($c: String){things(first: 12, after: $c){nodes{number} pageInfo{hasNextPage endCursor}}}"
    backward = "query($c: String){things(last: 12, before: $c){nodes{number} pageInfo{hasPreviousPage startCursor}}}"
    for query, more, end in ((forward, "hasNextPage", "endCursor"), (backward, "hasPreviousPage", "startCursor")):
        numbers, there_is_more, cursor = [], [], None
        for _ in range(3):
            page = await _ask(context, query, {"c": cursor})
            numbers.append([node["number"] for node in page["nodes"]])
            there_is_more.append(page["pageInfo"][more])
            cursor = page["pageInfo"][end]
        newest_first = numbers if query is forward else numbers[::-1]
        assert [number for part in newest_first for number in part] == list(range(29, -1, -1))
        assert there_is_more == [True, True, False]


async def test_edges_and_page_info_tell_the_same(context: StandIn) -> None:
    page = await _ask(
        context,
        "{things{edges{cursor node{id number}} nodes{id number} "
        "pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}",
    )
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    assert len({node["id"] for node in page["nodes"]}) == len({edge["cursor"] for edge in page["edges"]}) == 20
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][-1]["cursor"],
    }


async def test_other_arguments_of_the_field_reach_its_resolver(context: StandIn) -> None:
    page = await _ask(context, "{things(least: 28, first: null, before: null){nodes{number} pageInfo{hasNextPage}}}")
    assert page == {"nodes": [{"number": 29}, {"number": 28}], "pageInfo": {"hasNextPage": False}}


async def test_the_list_is_counted_only_when_total_count_is_selected(context: StandIn, commands: Commands) -> None:
    query = "query($count: Boolean!){things(least: 25, first: 1){nodes{number} totalCount @include(if: $count)}}"
    assert await _ask(context, query, {"count": False}) == {"nodes": [{"number": 29}]}
    assert commands.names == ["find"]
    assert await _ask(context, query, {"count": True}) == {"nodes": [{"number": 29}], "totalCount": 5}
    assert commands.names == ["find", "find", "aggregate"]
    assert await _ask(context, "{things{a: totalCount b: totalCount}}") == {"a": 30, "b": 30}
    assert commands.names[3:] == ["aggregate"]


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: 101",
        "first: -1",
        "last: 0",
        "last: 101",
        "first: 1, last: 1",
        'first: 1, before: "x"',
        'last: 1, after: "x"',
        'after: "x", before: "x"',
        'after: ""',
        'after: "x"',
        'before: "x"',
        'first: 1, after: "\\uD83E"',
    ],
)
async def test_bad_arguments_are_the_clients_fault_and_ask_mongodb_for_nothing(
    context: StandIn, commands: Commands, arguments: str
) -> None:
    result = await SCHEMA.execute(f"{{things({arguments}){{nodes{{number}}}}}}", context_value=context)
    errors = format_errors(result.errors or [], "request")
    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]
    assert commands.sent == []


def test_connections_are_named_after_their_nodes() -> None:
    types = SCHEMA._schema.type_map  # noqa: SLF001  # Strawberry shows it nowhere else
    connection, edge = print_type(types["ThingConnection"]), print_type(types["ThingEdge"])
    for line in ("edges: [ThingEdge!]!", "nodes: [Thing!]!", "pageInfo: PageInfo!", "totalCount: Int!"):
        assert f"  {line}\n" in connection
    assert "  cursor: String!\n" in edge
    assert "  node: Thing!\n" in edge


def test_a_field_has_the_arguments_of_a_page_however_many_schemas_are_made_of_it() -> None:
    fields = [schema.get_fields(_query(schema)) for schema in (_schema(), _schema())]
    for arguments in (each[0].arguments for each in fields):
        assert [argument.python_name for argument in arguments] == ["least", "first", "after", "last", "before"]
        assert all(argument.description for argument in arguments[1:])


def _query(schema: Schema) -> StrawberryObjectDefinition:
    definition = schema.get_type_by_name("Query")
    assert isinstance(definition, StrawberryObjectDefinition)
    return definition
