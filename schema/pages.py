"""Lists of documents, a page at a time, by keyset: page 50,000 costs what the first one does, and nothing is skipped.

    NEWEST = Sort("newest", (("created_at", DESCENDING), ("_id", DESCENDING)))
    page = await find(collection, {"user_id": user_id}, NEWEST, arguments)

A page asks MongoDB for one document more than it shows, and so knows whether there are others.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from schema.cursors import Cursors, SortValue
from schema.engine import Document
from schema.errors import BadUserInput
from schema.projection import projection

DEFAULT_SIZE = 20
MAX_SIZE = 100

Keys = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that a list may have.

    Declare an index with these keys, after those that the filter compares by equality; it serves both directions. A key
    holds values of one type that never change, or null, which comes before everything, as a missing field does.
    With `is_never_null` there is no null, so none is looked for. With `index`, the name of that index, MongoDB uses it.
    """

    name: str
    keys: tuple[tuple[str, int], ...]
    index: str | None = None
    is_never_null: bool = False

    def __post_init__(self) -> None:
        names = [name for name, _ in self.keys]
        if names[-1:] != ["_id"] or len(set(names)) != len(names):
            raise ValueError(f"The sort {self.name} has to end with _id, which makes it total, and name each key once.")
        if any(direction not in {ASCENDING, DESCENDING} for _, direction in self.keys):
            raise ValueError(f"The sort {self.name} has a direction that is neither ASCENDING nor DESCENDING.")

    @property
    def backward(self) -> Keys:
        """The keys of the opposite order."""
        return [(name, -direction) for name, direction in self.keys]

    def values(self, document: Document) -> list[SortValue]:
        """What the document is sorted by."""
        source: Any = document
        return [reduce(_read, name.split("."), source) for name, _ in self.keys]


def _read(source: Any, name: str) -> Any:  # noqa: ANN401  (documents hold anything)
    return source.get(name) if isinstance(source, Mapping) else None


@dataclass(frozen=True, slots=True)
class PageArguments:
    """What a client says of the page it wants, and the key to its cursors; BadUserInput if it makes no sense.

    `first` and `after` go forward, `last` and `before` backward; with none of them it is the first page. `fields` are
    what is read of each document: all of it with None, and no document at all where there is no field.
    """

    cursors: Cursors
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    fields: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.is_backward and not (self.first is None and self.after is None):
            raise BadUserInput("Take first and after, or last and before: a page has one direction.")
        if not 1 <= self.size <= MAX_SIZE:
            raise BadUserInput(f"{'last' if self.is_backward else 'first'} is a number from 1 to {MAX_SIZE}.")

    @property
    def is_backward(self) -> bool:
        """Whether the page ends where it was asked to begin."""
        return self.last is not None or self.before is not None

    @property
    def size(self) -> int:
        """How many documents the page has at most."""
        size = self.last if self.is_backward else self.first
        return DEFAULT_SIZE if size is None else size

    @property
    def cursor(self) -> str | None:
        """Where the page starts, in its own direction."""
        return self.before if self.is_backward else self.after


@dataclass(frozen=True, slots=True)
class Edge:
    """A document of a page; its cursor is made when it is read."""

    node: Document
    cursor_of: Callable[[Document], str]

    @property
    def cursor(self) -> str:
        """Where in the list the document stands."""
        return self.cursor_of(self.node)


@dataclass(frozen=True)
class Page:
    """A page of a list, in the list's order whatever its direction; named as GraphQL reads it."""

    nodes: list[Document]
    has_next_page: bool
    has_previous_page: bool
    cursor_of: Callable[[Document], str]
    count_all: Callable[[], Coroutine[Any, Any, int]]

    @property
    def edges(self) -> list[Edge]:
        """The documents with their cursors."""
        return [Edge(node, self.cursor_of) for node in self.nodes]

    @property
    def page_info(self) -> "Page":
        """Itself: it knows what there is to know."""
        return self

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first document."""
        return self.cursor_of(self.nodes[0]) if self.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last document."""
        return self.cursor_of(self.nodes[-1]) if self.nodes else None

    async def count(self) -> int:
        """How many documents the whole list has; MongoDB is asked once, however often this is."""
        return await self._counting

    @cached_property
    def _counting(self) -> asyncio.Task[int]:
        return asyncio.create_task(self.count_all())


async def find(
    collection: AsyncCollection[Document],
    filter: Document | Sequence[Document],  # noqa: A002  (MongoDB's name for it)
    sort: Sort,
    arguments: PageArguments,
    also: Document | None = None,
) -> Page:
    """A page of the documents that match the filter; of those that match any, where there are several; and `also`.

    Each filter is repeated in each branch of an `$or`, where MongoDB takes no `$text`. Branches are merged in the order
    of the index if each compares what stands before the sort's keys by equality: give several filters, not one `$in`,
    and in `also`, once, what no index is entered with.
    """
    list_name = f"{collection.name} {sort.name} {sort.keys}"
    keys = sort.backward if arguments.is_backward else sort.keys
    filters = [filter] if isinstance(filter, Mapping) else filter
    after = _after(sort, keys, arguments, list_name)
    found: list[Document] = []
    if filters and (arguments.fields is None or arguments.fields):
        query = _query(filters, after, also)
        cursor = collection.find(query, _projection(sort, arguments.fields), hint=sort.index)
        found = await cursor.sort(keys).limit(arguments.size + 1).to_list()
    cursor_of = partial(_cursor_of, arguments.cursors, list_name, sort)
    return _page(found, arguments, cursor_of, partial(_count, collection, filters, sort, also))


async def _count(
    collection: AsyncCollection[Document], filters: Sequence[Document], sort: Sort, also: Document | None
) -> int:
    hint: dict[str, Any] = {"hint": sort.index} if sort.index else {}
    return await collection.count_documents(_query(filters, [{}], also), **hint) if filters else 0


def _after(sort: Sort, keys: Keys, arguments: PageArguments, list_name: str) -> list[Document]:
    """The ranges of the list, together all of it that comes after the cursor."""
    if arguments.cursor is None:
        return [{}]
    return _behind(sort, keys, arguments.cursors.decode(list_name, arguments.cursor))


def _query(filters: Sequence[Document], ranges: Sequence[Document], also: Document | None) -> Document:
    """What matches a filter and is in a range: each pair is one range of the index."""
    pairs = [{"$and": [filter_, range_]} if range_ else filter_ for filter_ in filters for range_ in ranges]
    query: Document = pairs[0] if len(pairs) == 1 else {"$or": pairs}
    return {"$and": [query, also]} if also else query


def _behind(sort: Sort, keys: Keys, values: Sequence[SortValue]) -> list[Document]:
    """What comes after these values. Each branch is one range of the index, so ties cost no more than other values."""
    branches: list[Document] = []
    equal: Document = {}
    for (name, direction), value in zip(keys, values, strict=True):
        has_nulls = name != "_id" and not sort.is_never_null
        branches += [equal | {name: condition} for condition in _conditions(direction, value, has_nulls=has_nulls)]
        equal |= {name: value}
    return branches


def _conditions(direction: int, value: SortValue, *, has_nulls: bool) -> list[Any]:
    """What comes after one value; `$gt` and `$lt` compare with values of its own type alone, never with null."""
    if value is None:
        return [{"$ne": None}] if direction == ASCENDING else []
    if direction == ASCENDING:
        return [{"$gt": value}]
    return [{"$lt": value}, None] if has_nulls else [{"$lt": value}]


def _projection(sort: Sort, fields: frozenset[str] | None) -> Document | None:
    """The fields and what cursors are made of."""
    return None if fields is None else projection([*fields, *(name for name, _ in sort.keys)])


def _cursor_of(cursors: Cursors, list_name: str, sort: Sort, document: Document) -> str:
    return cursors.encode(list_name, sort.values(document))


def _page(
    found: list[Document],
    arguments: PageArguments,
    cursor_of: Callable[[Document], str],
    count_all: Callable[[], Coroutine[Any, Any, int]],
) -> Page:
    nodes = found[: arguments.size]
    ahead, behind = len(found) > arguments.size, arguments.cursor is not None
    if arguments.is_backward:
        return Page(nodes[::-1], behind, ahead, cursor_of, count_all)
    return Page(nodes, ahead, behind, cursor_of, count_all)
