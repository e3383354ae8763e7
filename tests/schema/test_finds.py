"""Requests that read documents of a collection at the same time."""

import asyncio

import pytest
from odmantic import ObjectId
from pymongo.errors import OperationFailure

from schema.database import Database
from schema.finds import AT_ONCE, MOST_IDS, Finds
from tests.schema.library import Writer
from tests.support.profiler import Call, watched

pytestmark = pytest.mark.anyio

NAME = frozenset({"name"})


async def test_what_is_asked_for_in_one_tick_is_one_call(database: Database) -> None:
    ids = await _writers(database, 30)
    finds, calls = Finds(), await _calls_of(database, [[one] for one in ids])
    assert [sorted(_asked(call)) for call in calls] == [sorted(ids)]
    assert await finds.by_id(database.collection(Writer), NAME, ids[:1]) == {ids[0]: {"_id": ids[0], "name": "0"}}


async def test_what_comes_while_calls_are_under_way_goes_along_in_one(database: Database) -> None:
    ids = await _writers(database, 50)
    finds, collection, name = Finds(), database.collection(Writer), NAME
    async with watched(database.client[database.engine.database_name]) as calls:
        first = [asyncio.create_task(finds.by_id(collection, name, [ids[number]])) for number in range(AT_ONCE)]
        for _ in first:  # each in a tick of its own
            await asyncio.sleep(0)
        others = [asyncio.create_task(finds.by_id(collection, name, [one])) for one in ids]
        found = await asyncio.gather(*first, *others)
    assert len(calls) <= AT_ONCE + 1
    assert all(one in each for one, each in zip(ids, found[AT_ONCE:], strict=True))


async def test_calls_have_a_limit_and_what_is_asked_for_at_once_stays_together(database: Database) -> None:
    ids = await _writers(database, 3 * MOST_IDS)
    parts = [ids[start : start + 600] for start in range(0, len(ids), 600)]
    calls = await _calls_of(database, parts)
    assert sum(len(_asked(call)) for call in calls) == len(ids)
    assert max(len(_asked(call)) for call in calls) <= MOST_IDS


async def test_other_fields_and_other_collections_are_other_calls(database: Database) -> None:
    (one,) = await _writers(database, 1)
    finds, collection = Finds(), database.collection(Writer)
    names, all_of_it = await asyncio.gather(finds.by_id(collection, NAME, [one]), finds.by_id(collection, None, [one]))
    assert names == {one: {"_id": one, "name": "0"}}
    assert all_of_it == {one: {"_id": one, "name": "0", "diary": ""}}


async def test_what_was_written_before_it_is_asked_for_is_found(database: Database) -> None:
    ids = await _writers(database, 20)
    finds, collection = Finds(), database.collection(Writer)

    async def change_and_read(one: ObjectId) -> str:
        await collection.update_one({"_id": one}, {"$set": {"name": f"new {one}"}})
        return str((await finds.by_id(collection, NAME, [one]))[one]["name"])

    assert await asyncio.gather(*map(change_and_read, ids)) == [f"new {one}" for one in ids]


async def test_who_gives_up_takes_nothing_from_others_and_all_learn_of_a_refusal(database: Database) -> None:
    ids = await _writers(database, 2)
    finds, collection = Finds(), database.collection(Writer)
    gone, staying = (asyncio.create_task(finds.by_id(collection, NAME, [one])) for one in ids)
    await asyncio.sleep(0)
    gone.cancel()
    assert (await staying)[ids[1]]["name"] == "1"
    bad = frozenset({"$name"})
    refusals = await asyncio.gather(*(finds.by_id(collection, bad, [one]) for one in ids), return_exceptions=True)
    assert [type(refusal) for refusal in refusals] == [OperationFailure] * 2


async def test_nothing_is_kept_of_what_is_over(database: Database) -> None:
    ids = await _writers(database, 2)
    finds = Finds()
    await asyncio.gather(*(finds.by_id(database.collection(Writer), NAME, [one]) for one in ids))
    assert not finds.is_busy


async def _calls_of(database: Database, parts: list[list[ObjectId]]) -> list[Call]:
    finds, collection = Finds(), database.collection(Writer)
    async with watched(database.client[database.engine.database_name]) as calls:
        found = await asyncio.gather(*(finds.by_id(collection, NAME, part) for part in parts))
    assert all(set(part) <= set(each) for part, each in zip(parts, found, strict=True))
    return calls


def _asked(call: Call) -> list[ObjectId]:
    asked: list[ObjectId] = call.command["filter"]["_id"]["$in"]
    return asked


async def _writers(database: Database, size: int) -> list[ObjectId]:
    ids = [ObjectId() for _ in range(size)]
    writers = ({"_id": one, "name": str(number), "diary": ""} for number, one in enumerate(ids))
    await database.collection(Writer).insert_many(writers)
    return ids
