"""One page at a time, on a real MongoDB. The walks are in `test_page_walks`."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from odmantic import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from schema.cursors import Cursors
from schema.errors import BadUserInput
from schema.pages import Page, PageArguments, Sort, find
from tests.support.commands import Commands

pytestmark = pytest.mark.anyio

Document = dict[str, Any]
Collection = AsyncCollection[Document]

CURSORS = Cursors(b"a key of sixteen bytes or more")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
NEWEST = Sort("newest", (("_id", DESCENDING),))
UP = Sort("by number", (("number", ASCENDING), ("_id", ASCENDING)))
DOWN = Sort("by number", (("number", DESCENDING), ("_id", DESCENDING)))
AMOUNT = Sort("by amount", (("price.amount", DESCENDING), ("_id", DESCENDING)))


def _ids(page: Page) -> list[ObjectId]:
    return [document["_id"] for document in page.nodes]


async def test_an_empty_list_has_one_empty_page(collection: Collection) -> None:
    page = await find(collection, {}, NEWEST, PageArguments(CURSORS))
    assert (page.nodes, page.edges, page.start_cursor, page.end_cursor) == ([], [], None, None)
    assert (page.has_next_page, page.has_previous_page, await page.count()) == (False, False, 0)


async def test_a_page_has_20_documents_unless_it_is_told_otherwise(collection: Collection) -> None:
    await collection.insert_many({"number": number} for number in range(101))
    cursor = (await find(collection, {}, NEWEST, PageArguments(CURSORS, first=1))).start_cursor
    for arguments, size in (({}, 20), ({"after": cursor}, 20), ({"first": 100}, 100), ({"last": 100}, 100)):
        page = await find(collection, {}, NEWEST, PageArguments(CURSORS, **arguments))
        assert len(page.nodes) == size
        assert page.has_next_page is ("last" not in arguments)
    end = (await find(collection, {}, NEWEST, PageArguments(CURSORS, last=1))).end_cursor
    assert len((await find(collection, {}, NEWEST, PageArguments(CURSORS, before=end))).nodes) == 20


async def test_a_cursor_works_after_its_document_has_gone(collection: Collection) -> None:
    await collection.insert_many({"number": 1} for _ in range(5))
    page = await find(collection, {}, UP, PageArguments(CURSORS, first=2))
    rest = await find(collection, {}, UP, PageArguments(CURSORS, after=page.end_cursor))
    await collection.delete_many({"_id": {"$in": _ids(page)}})
    again = await find(collection, {}, UP, PageArguments(CURSORS, after=page.end_cursor))
    assert _ids(again) == _ids(rest)
    assert len(_ids(rest)) == 3


FIELDS: dict[str, Callable[[int], Any]] = {
    "unique": lambda number: EPOCH + timedelta(seconds=number),
    "tied": lambda number: number // 5000,
    "often_null": lambda number: None if number < 15_000 else number,
    "null": lambda _: None,
}


@pytest.mark.parametrize("filter_", [{}, {"owner": 1}], ids=["all", "of one owner"])
@pytest.mark.parametrize("field", FIELDS)
async def test_a_page_in_the_middle_reads_its_own_part_of_the_index_and_sorts_nothing(
    collection: Collection, commands: Commands, field: str, filter_: Document
) -> None:
    await collection.insert_many({"owner": number % 2, field: FIELDS[field](number)} for number in range(20_000))
    await collection.create_index([*((name, 1) for name in filter_), (field, ASCENDING), ("_id", ASCENDING)])
    for direction in (ASCENDING, DESCENDING):
        sort = Sort(field, ((field, direction), ("_id", direction)))
        cursor = await _cursor_in_the_middle(collection, sort, filter_)
        for arguments in (PageArguments(CURSORS, after=cursor), PageArguments(CURSORS, before=cursor)):
            assert len((await find(collection, filter_, sort, arguments)).nodes) == 20
            plan = await _explain(collection, commands.sent[-1])
            assert plan["executionStats"]["totalKeysExamined"] <= 21 + 4
            assert {"IXSCAN"} <= _stages(plan["queryPlanner"]["winningPlan"]) <= STAGES


STAGES = {"SUBPLAN", "LIMIT", "FETCH", "SORT_MERGE", "IXSCAN"}
"""What a plan may consist of: neither SORT nor COLLSCAN."""


async def _cursor_in_the_middle(collection: Collection, sort: Sort, filter_: Document) -> str:
    place = await collection.count_documents(filter_) // 2
    async with collection.find(filter_).sort(sort.keys).skip(place).limit(1) as found:
        document = await found.next()
    return (await find(collection, {}, sort, PageArguments(CURSORS, first=1))).cursor_of(document)


async def _explain(collection: Collection, command: Document) -> Document:
    query = {name: command[name] for name in ("find", "filter", "sort", "limit")}
    return await collection.database.command({"explain": query, "verbosity": "executionStats"})


def _stages(plan: Document) -> set[str]:
    inner = [*plan.get("inputStages", []), *(plan[name] for name in ("inputStage", "queryPlan") if name in plan)]
    return {plan["stage"]}.union(*map(_stages, inner)) if "stage" in plan else set().union(*map(_stages, inner))


async def test_the_first_page_reads_the_index_too(collection: Collection, commands: Commands) -> None:
    await collection.insert_many({"number": number} for number in range(1000))
    await collection.create_index([("number", ASCENDING), ("_id", ASCENDING)])
    for arguments in (PageArguments(CURSORS, first=5), PageArguments(CURSORS, last=5)):
        await find(collection, {}, UP, arguments)
        plan = await _explain(collection, commands.sent[-1])
        assert plan["executionStats"]["totalKeysExamined"] == 6


REFUSED: dict[str, Document] = {
    "first: 0": {"first": 0},
    "first: 101": {"first": 101},
    "first: -1": {"first": -1},
    "last: 0": {"last": 0},
    "last: 101": {"last": 101},
    "last: -1": {"last": -1},
    "last: 0 with a cursor": {"last": 0, "before": "x"},
    "first and last": {"first": 1, "last": 1},
    "first and before": {"first": 1, "before": "x"},
    "last and after": {"last": 1, "after": "x"},
    "after and before": {"after": "x", "before": "x"},
    "all four": {"first": 1, "after": "x", "last": 1, "before": "x"},
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED.keys())
def test_arguments_that_make_no_page_are_refused(arguments: Document) -> None:
    with pytest.raises(BadUserInput, match=r"1 to 100|one direction"):
        PageArguments(CURSORS, **arguments)


@pytest.mark.parametrize("cursor", ["", "x", "Sm9iOjE"])
async def test_a_cursor_that_is_none_is_refused_before_mongodb_is_asked(
    collection: Collection, commands: Commands, cursor: str
) -> None:
    for arguments in (PageArguments(CURSORS, after=cursor), PageArguments(CURSORS, before=cursor)):
        with pytest.raises(BadUserInput, match="not a cursor"):
            await find(collection, {}, NEWEST, arguments)
    assert commands.sent == []


async def test_a_cursor_serves_its_own_sort_collection_and_key_alone(collection: Collection) -> None:
    await collection.insert_one({"number": 1})
    cursor = (await find(collection, {}, UP, PageArguments(CURSORS))).end_cursor
    others = collection.database["others"]
    for where, sort, cursors in (
        (collection, DOWN, CURSORS),
        (collection, Sort("another", UP.keys), CURSORS),
        (others, UP, CURSORS),
        (collection, UP, Cursors(b"another key of sixteen bytes")),
    ):
        with pytest.raises(BadUserInput, match="not a cursor"):
            await find(where, {}, sort, PageArguments(cursors, after=cursor))
    assert (await find(collection, {}, UP, PageArguments(CURSORS, after=cursor))).nodes == []


async def test_a_page_reads_the_fields_that_are_wanted_and_those_of_the_sort(collection: Collection) -> None:
    document = {"_id": ObjectId(), "text": "a", "secret": "b", "price": {"amount": 1, "currency": "EUR"}}
    await collection.insert_one(document)
    for fields, expected in (
        (["text"], {"text": "a", "price": {"amount": 1}}),
        (["price"], {"price": document["price"]}),
        (["price.currency"], {"price": document["price"]}),
        (["_id", "price.amount"], {"price": {"amount": 1}}),
        (["_id"], {"price": {"amount": 1}}),
    ):
        page = await find(collection, {}, AMOUNT, PageArguments(CURSORS, fields=frozenset(fields)))
        assert page.nodes == [{"_id": document["_id"]} | expected]
        assert page.end_cursor == page.cursor_of(document)
    assert (await find(collection, {}, NEWEST, PageArguments(CURSORS))).nodes == [document]


async def test_a_list_is_counted_once_with_its_own_filter(collection: Collection, commands: Commands) -> None:
    await collection.insert_many({"number": number % 3} for number in range(30))
    page = await find(collection, {"number": {"$gt": 0}}, NEWEST, PageArguments(CURSORS, first=1))
    assert commands.names == ["insert", "find"]
    assert set(await asyncio.gather(page.count(), page.count())) == {20}
    assert commands.names == ["insert", "find", "aggregate"]


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (("number", 1),),
        (("_id", 1), ("number", 1)),
        (("number", 1), ("number", -1), ("_id", 1)),
        (("number", 0), ("_id", 1)),
        (("number", 1), ("_id", 2)),
    ],
)
def test_a_sort_that_is_not_total_is_refused_when_it_is_declared(keys: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match="The sort wrong has"):
        Sort("wrong", keys)
