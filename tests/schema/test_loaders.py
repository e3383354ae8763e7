"""Relations in batches, on a real MongoDB."""

from typing import Any

import pytest

from schema.database import Database
from schema.loaders import Loaders
from tests.schema.library import Library, ask, stock
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

NAME = frozenset({"name"})
LEVELS = {
    "{books(first: 100){nodes{title}}}": ["book"],
    "{books(first: 100){nodes{title writer{name}}}}": ["book", "writer"],
    "{books(first: 100){edges{node{writer{town{name}}}}}}": ["book", "writer", "town"],
    "{books(first: 100){nodes{others{name}}}}": ["book", "writer"],
    "{books(first: 100){nodes{a: writer{name} b: writer{name}}}}": ["book", "writer"],
    "{books(first: 100){nodes{...F} edges{node{...F}}}} fragment F on Book{writer{town{id}}}": [
        "book",
        "writer",
        "town",
    ],
}


@pytest.mark.parametrize("size", [3, 100])
@pytest.mark.parametrize(("query", "collections"), LEVELS.items(), ids=range(len(LEVELS)))
async def test_each_level_is_one_call_whatever_the_number_of_rows(
    database: Database, size: int, query: str, collections: list[str]
) -> None:
    await stock(database, size)
    async with _watched(database) as calls:
        assert _rows(await ask(Library(database, Loaders(database)), query)) == size
    assert [(call.name, call.collection) for call in calls] == [("find", collection) for collection in collections]


def _rows(data: dict[str, Any]) -> int:
    return len(data["books"].get("nodes") or data["books"]["edges"])


def _watched(database: Database) -> Any:  # noqa: ANN401
    return watched(database.client[database.engine.database_name])


async def test_a_relation_is_projected_by_its_own_selection(database: Database) -> None:
    await stock(database, 5)
    async with _watched(database) as calls:
        await ask(Library(database, Loaders(database)), "{books{nodes{writer{home{street} town{country}}}}}")
    assert [call.fields for call in calls] == [
        {"_id", "title", "writer_id"},
        {"_id", "home.street", "town_id"},
        {"_id", "country"},
    ]


async def test_what_is_not_there_is_null_and_left_out_of_lists(database: Database) -> None:
    await stock(database, 12)
    books = (await ask(Library(database, Loaders(database)), "{books{nodes{writer{name} others{name}}}}"))["books"][
        "nodes"
    ]
    assert books[6] == {"writer": None, "others": []}
    assert books[7] == {"writer": None, "others": [{"name": "Writer 0"}]}
    assert books[8] == {"writer": {"name": "Writer 0"}, "others": [{"name": "Writer 1"}, {"name": "Writer 0"}]}
