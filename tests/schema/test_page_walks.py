"""Walks through all pages of a list on a real MongoDB, held against the same list in memory."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odmantic import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from schema.cursors import Cursors
from schema.pages import Page, PageArguments, Sort, find

pytestmark = pytest.mark.anyio

Document = dict[str, Any]
Collection = AsyncCollection[Document]

CURSORS = Cursors(b"a key of sixteen bytes or more")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
MOST_PAGES = 50
SORTS = {
    name: Sort(name, (*keys, ("_id", direction)))
    for name, direction, keys in (
        ("oldest", ASCENDING, []),
        ("newest", DESCENDING, []),
        ("number, up", ASCENDING, [("number", ASCENDING)]),
        ("number, down", DESCENDING, [("number", DESCENDING)]),
        ("time, down, then up", ASCENDING, [("time", DESCENDING)]),
        ("part of a part", DESCENDING, [("price.amount", DESCENDING)]),
        ("three keys", DESCENDING, [("flag", DESCENDING), ("number", ASCENDING), ("text", DESCENDING)]),
    )
}


def _ids(page: Page) -> list[ObjectId]:
    return [document["_id"] for document in page.nodes]


async def _walk(
    collection: Collection, sort: Sort, size: int, *, backward: bool, **filter_: object
) -> AsyncIterator[Page]:
    cursor = None
    for _ in range(MOST_PAGES):
        arguments: Document = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = await find(collection, filter_, sort, PageArguments(CURSORS, **arguments))
        yield page
        cursor = page.start_cursor if backward else page.end_cursor
        if not (page.has_previous_page if backward else page.has_next_page):
            return
    raise AssertionError(f"The walk has not ended after {MOST_PAGES} pages.")


def _in_order(documents: list[Document], sort: Sort) -> list[Document]:
    """The model: Python's own sort, null and what is missing first."""
    for name, direction in reversed(sort.keys):
        documents = sorted(documents, key=_by(name), reverse=direction == DESCENDING)
    return documents


def _by(name: str) -> Callable[[Document], tuple[bool, Any]]:
    def key(document: Document) -> tuple[bool, Any]:
        value: Any = document
        for part in name.split("."):
            value = (value or {}).get(part)
        return value is not None, value

    return key


_NUMBERS = st.one_of(st.integers(-1, 1), st.sampled_from([-0.5, 0.5, 2**40, float("inf")]))
_FIELDS = st.fixed_dictionaries(
    {"_id": st.integers(0, 10**6).map(lambda number: ObjectId(f"{number:024x}")), "kept": st.booleans()},
    optional={
        "number": st.none() | _NUMBERS,
        "text": st.none() | st.sampled_from(["", "a", "B", "é", "a\0"]),
        "flag": st.none() | st.booleans(),
        "time": st.none() | st.integers(0, 2).map(lambda day: EPOCH + timedelta(days=day)),
        "price": st.none() | st.fixed_dictionaries({"amount": st.none() | st.integers(0, 2)}),
    },
)
_DOCUMENTS = st.lists(_FIELDS, max_size=14, unique_by=lambda document: document["_id"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=_DOCUMENTS, sort=st.sampled_from(list(SORTS.values())), size=st.integers(1, 6))
async def test_a_walk_gives_every_document_once_in_order_both_ways(
    collection: Collection, documents: list[Document], sort: Sort, size: int
) -> None:
    await collection.delete_many({})
    await collection.insert_many([*documents, {"kept": None}])
    expected = [document["_id"] for document in _in_order(documents, sort) if document["kept"]]
    forward = [page async for page in _walk(collection, sort, size, backward=False, kept=True)]
    assert [id_ for page in forward for id_ in _ids(page)] == expected
    assert [page.has_previous_page for page in forward] == [number > 0 for number in range(len(forward))]
    backward = [page async for page in _walk(collection, sort, size, backward=True, kept=True)]
    assert [id_ for page in reversed(backward) for id_ in _ids(page)] == expected
    assert [page.has_next_page for page in backward] == [number > 0 for number in range(len(backward))]
    assert {len(page.nodes) for page in (*forward[:-1], *backward[:-1])} <= {size}


async def test_a_walk_turns_round_at_any_document(collection: Collection) -> None:
    await collection.insert_many({"number": number % 3} for number in range(12))
    for sort in SORTS.values():
        edges = (await find(collection, {}, sort, PageArguments(CURSORS))).edges
        ids = [edge.node["_id"] for edge in edges]
        for place, edge in enumerate(edges):
            after = await find(collection, {}, sort, PageArguments(CURSORS, first=3, after=edge.cursor))
            before = await find(collection, {}, sort, PageArguments(CURSORS, last=3, before=edge.cursor))
            assert _ids(after) == ids[place + 1 : place + 4]
            assert _ids(before) == ids[max(place - 3, 0) : place]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("name", ["newest", "number, up", "number, down", "three keys"])
async def test_a_walk_among_writes_repeats_nothing_and_misses_nothing_that_was_there_throughout(
    collection: Collection, name: str, *, backward: bool
) -> None:
    guests, done = Guests(collection), asyncio.Event()
    there = [ObjectId() for _ in range(300)]
    await collection.insert_many({"_id": id_, "number": number % 4 or None} for number, id_ in enumerate(there))
    seen: list[ObjectId] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(guests.come_and_go(done))
        async for page in _walk(collection, SORTS[name], 10, backward=backward):
            seen += _ids(page)
            await guests.one_more()
        done.set()
    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)


class Guests:
    """Documents that come and go in all places of a list while it is walked; few enough for the walk to end."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._dice = random.Random(1)  # noqa: S311  # which places does not matter
        self._present: list[ObjectId] = []
        self.came = asyncio.Condition()

    async def come_and_go(self, done: asyncio.Event) -> None:
        """One comes, and the one before the last ten goes, until it is done."""
        while not done.is_set():
            self._present.append(ObjectId())
            number = self._dice.choice([None, 1, 2, 3])
            await self._collection.insert_one({"_id": self._present[-1], "number": number})
            if len(self._present) > 10:
                await self._collection.delete_one({"_id": self._present.pop(0)})
            async with self.came:
                self.came.notify_all()

    async def one_more(self) -> None:
        """Wait for the next to come."""
        async with self.came:
            await asyncio.wait_for(self.came.wait(), 30)
