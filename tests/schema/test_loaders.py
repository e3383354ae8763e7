"""Relations in batches, on a real MongoDB."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from odmantic import ObjectId
from pymongo.errors import OperationFailure

from schema.database import Database
from schema.loaders import LARGEST_BATCH, Loaders
from tests.schema.library import Library, Writer, ask, stock
from tests.support.profiler import Call, watched

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


def _watched(database: Database) -> AbstractAsyncContextManager[list[Call]]:
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


async def test_what_is_asked_for_in_one_tick_is_one_call_and_is_kept_for_the_request(database: Database) -> None:
    ids = await _writers(database, 4)
    loaders = Loaders(database)
    async with _watched(database) as calls:
        found = await loaders.by_id(Writer, NAME).load_all([ids[2], ids[0], ObjectId(), ids[2]])
        assert {each: writer["name"] for each, writer in found.items()} == {ids[2]: "Writer 2", ids[0]: "Writer 0"}
        assert await loaders.by_id(Writer, NAME).load(ids[0]) is found[ids[0]]
        assert await loaders.by_id(Writer, NAME).load(ids[3]) == {"_id": ids[3], "name": "Writer 3"}
    assert [len(call.command["filter"]["_id"]["$in"]) for call in calls] == [3, 1]


async def test_documents_with_other_fields_are_others(database: Database) -> None:
    (writer_id,) = await _writers(database, 1)
    loaders = Loaders(database)
    name = await loaders.by_id(Writer, NAME).load(writer_id)
    diary = await loaders.by_id(Writer, frozenset({"diary"})).load(writer_id)
    everything = await loaders.by_id(Writer, None).load(writer_id)
    assert (name, diary) == ({"_id": writer_id, "name": "Writer 0"}, {"_id": writer_id, "diary": ""})
    assert everything == {"_id": writer_id, "name": "Writer 0", "diary": ""}


async def test_a_batch_has_its_limit(database: Database) -> None:
    ids = await _writers(database, 2 * LARGEST_BATCH + 1)
    async with _watched(database) as calls:
        found = await Loaders(database).by_id(Writer, NAME).load_all(ids)
    assert found.keys() == set(ids)
    assert sorted(call.returned for call in calls) == [1, LARGEST_BATCH, LARGEST_BATCH]


async def test_another_request_reads_anew_and_so_does_this_one_after_a_change(database: Database) -> None:
    (writer_id,) = await _writers(database, 1)
    loaders = Loaders(database)
    before = await loaders.by_id(Writer, NAME).load(writer_id)
    await database.collection(Writer).update_one({"_id": writer_id}, {"$set": {"name": "New"}})
    assert await loaders.by_id(Writer, NAME).load(writer_id) is before
    assert await Loaders(database).by_id(Writer, NAME).load(writer_id) == {"_id": writer_id, "name": "New"}
    loaders.clear()
    assert await loaders.by_id(Writer, NAME).load(writer_id) == {"_id": writer_id, "name": "New"}


async def test_a_mutation_shows_what_it_changed_whatever_was_read_before_it(database: Database) -> None:
    await stock(database, 3)
    renamed = (f'{name}: writersRename(name: "{name}"){{book{{writer{{name}}}}}}' for name in "ab")
    query = f"mutation{{{' '.join(renamed)}}}"
    answer = await ask(Library(database, Loaders(database)), query)
    assert answer == {name: {"book": {"writer": {"name": name}}} for name in "ab"}


async def test_who_gives_up_takes_nothing_from_the_others(database: Database) -> None:
    ids = await _writers(database, 2)
    loader = Loaders(database).by_id(Writer, NAME)
    tasks = [asyncio.create_task(loader.load(each)) for each in (*ids, ids[0])]
    await asyncio.sleep(0)  # they have asked, and wait
    tasks[0].cancel()
    names = [writer["name"] for writer in await asyncio.gather(*tasks[1:]) if writer]
    assert (tasks[0].cancelled(), names) == (True, ["Writer 1", "Writer 0"])


async def test_all_who_asked_learn_that_mongodb_refused(database: Database) -> None:
    loader = Loaders(database).by_id(Writer, frozenset({"$name"}))
    refusals = await asyncio.gather(*(loader.load(ObjectId()) for _ in range(2)), return_exceptions=True)
    assert [type(refusal) for refusal in refusals] == [OperationFailure] * 2


async def _writers(database: Database, size: int) -> list[ObjectId]:
    ids = [ObjectId() for _ in range(size)]
    writers = ({"_id": id_, "name": f"Writer {number}", "diary": ""} for number, id_ in enumerate(ids))
    await database.collection(Writer).insert_many(writers)
    return ids
