"""A small schema of its own, read as the real one reads: books, who wrote them, and the towns these live in."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

import strawberry
from odmantic import Model, ObjectId
from pymongo import ASCENDING
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from graphql_api.schema import Schema, read
from schema import pages
from schema.connections import Connection, Paginated
from schema.cursors import Cursors
from schema.database import Database
from schema.engine import Document
from schema.loaders import Loaders
from schema.nodes import Node
from schema.pages import Page, PageArguments, Sort
from schema.payloads import Payload, UserErrors
from schema.permissions import PUBLIC
from schema.reading import load, related
from schema.selection import SAME_DOCUMENT, reads

AnyInfo = Info[Any, None]

BY_TITLE = Sort("title", (("title", ASCENDING), ("_id", ASCENDING)))


class Town(Model):
    """Its documents are written by the driver, as those of the others here."""


class Writer(Model):
    """Lives in a town."""


class Book(Model):
    """Written by a writer, and by others."""


MODELS: dict[str, type[Model]] = {"Book": Book, "Town": Town, "Writer": Writer}


@dataclass
class Library:
    """What the resolvers here take of a context."""

    database: Database
    loaders: Loaders
    cursors: Cursors = field(default_factory=lambda: Cursors(b"a key of sixteen bytes or more"))
    selections: Document = field(default_factory=dict)
    reads_all: bool = False

    def places(self, _model: type[Model]) -> tuple[Database, ...]:
        """All is read in one place."""
        return (self.database,)


@strawberry.type(name="Town")
class TownType(Node):
    """The end of the line."""

    name: str
    country: str | None


@strawberry.type(name="Home")
class HomeType:
    """Embedded in a writer."""

    street: str | None
    number: int | None


@strawberry.type(name="Writer")
class WriterType(Node):
    """Has an embedded object and a relation."""

    name: str
    pen_name: str | None
    home: HomeType | None

    @strawberry.field(graphql_type=TownType | None, metadata=PUBLIC | reads("town_id"))
    async def town(self, root: strawberry.Parent[Document], info: AnyInfo) -> Document | None:
        return await load(info, Town, root["town_id"])


@strawberry.type(name="Printing")
class PrintingType:
    """Embedded in an edition."""

    place: str | None
    copies: int


@strawberry.type(name="Edition")
class EditionType:
    """Embedded in a book, any number of times."""

    year: int
    printings: list[PrintingType]

    @strawberry.field(metadata=PUBLIC | reads("year", "language"))
    def label(self, root: strawberry.Parent[Document]) -> str:
        return f"{root['year']}, {root['language']}"


@strawberry.type(name="Price")
class PriceType:
    """Kept in the book's own keys."""

    @strawberry.field(metadata=PUBLIC | reads("price_amount"))
    def amount(self, root: strawberry.Parent[Document]) -> int:
        return int(root["price_amount"])

    @strawberry.field(metadata=PUBLIC | reads("price_currency"))
    def currency(self, root: strawberry.Parent[Document]) -> str:
        return str(root["price_currency"])


@strawberry.type(name="Book")
class BookType(Node):
    """Has all there is; its documents have a `secret`, too, which no field shows."""

    title: str
    pages: int | None
    editions: list[EditionType]

    @strawberry.field(metadata=PUBLIC | reads("title", "pages"))
    def summary(self, root: strawberry.Parent[Document]) -> str:
        return f"{root['title']}, {root['pages']} pages"

    @strawberry.field(metadata=PUBLIC | reads())
    def shelf(self) -> str:
        return "A"

    @strawberry.field(graphql_type=PriceType, metadata=PUBLIC | SAME_DOCUMENT)
    def price(self, root: strawberry.Parent[Document]) -> Document:
        return root

    @strawberry.field(graphql_type=WriterType | None, metadata=PUBLIC | reads("writer_id"))
    async def writer(self, root: strawberry.Parent[Document], info: AnyInfo) -> Document | None:
        return await load(info, Writer, root["writer_id"])

    others = related(
        Writer, by="other_ids", is_list=True, graphql_type=list[WriterType], description="Who wrote with the writer."
    )


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(graphql_type=Connection[BookType], extensions=[Paginated()])
    async def books(self, info: AnyInfo, page: PageArguments) -> Page:
        page = replace(page, fields=None) if info.context.reads_all else page
        return await pages.find(info.context.database.collection(Book), {}, BY_TITLE, page)

    @strawberry.field(graphql_type=BookType | None)
    async def book(self, info: AnyInfo, title: str) -> Document | None:
        book = await info.context.database.collection(Book).find_one({"title": title}, {"_id": 1})
        return await load(info, Book, book and book["_id"], frozenset({"secret"}))

    @strawberry.field(graphql_type=Node | None)
    async def thing(self, info: AnyInfo, kind: str, id: str) -> Document | None:  # noqa: A002  # GraphQL's name
        document = await load(info, MODELS[kind], ObjectId(id), type_name=kind)
        return document and document | {"__typename": kind}


@strawberry.type
class BookPayload(Payload):
    """What the mutation answers."""

    book: Document | None = strawberry.field(default=None, graphql_type=BookType | None)


@strawberry.type
class Mutation:
    """The root of changes."""

    @strawberry.field(extensions=[UserErrors(BookPayload)])
    async def writers_rename(self, info: AnyInfo, name: str) -> BookPayload:
        database = info.context.database
        await database.collection(Writer).update_many({}, {"$set": {"name": name}})
        return BookPayload(book=await database.collection(Book).find_one({"title": "Book 000"}))


SCHEMA = Schema(
    query=Query,
    mutation=Mutation,
    types=[BookType, TownType, WriterType],
    config=StrawberryConfig(default_resolver=read),
)


async def ask(library: Library, query: str, **variables: object) -> Any:  # noqa: ANN401  # data are of any type
    """The data of a query that succeeds."""
    result = await SCHEMA.execute(query, variables, context_value=library)
    assert result.errors is None, result.errors
    return cast("Any", result.data)


async def stock(database: Database, size: int) -> None:
    """Towns, writers and books of each kind: with all they can have, with nothing, and with what is not there."""
    towns = [{"_id": ObjectId(), "name": f"Town {n}", "mayor": "M"} | ({"country": "D"} if n else {}) for n in range(3)]
    await database.collection(Town).insert_many(towns)
    writers = [_writer(number, [town["_id"] for town in towns]) for number in range(max(size // 2, 3))]
    await database.collection(Writer).insert_many(writers)
    ids = [writer["_id"] for writer in writers]
    await database.collection(Book).insert_many(_book(number, ids) for number in range(size))


def _writer(number: int, towns: list[Any]) -> Document:
    home = [None, {"street": None, "number": 1, "key": "under the mat"}, {"street": "Main Street"}][number % 3]
    town = [*towns, None, ObjectId()][number % 5]
    return {"_id": ObjectId(), "name": f"Writer {number}", "home": home, "town_id": town, "diary": "x" * 100}


def _book(number: int, writers: list[ObjectId]) -> Document:
    writer = [*writers, None, ObjectId()][number % (len(writers) + 2)]
    return {
        "title": f"Book {number:03}",
        "pages": None if number % 3 else number,
        "secret": "who did it",
        "price_amount": number,
        "price_currency": "EUR",
        "editions": [_edition(year) for year in range(number % 4)],
        "writer_id": writer,
        "other_ids": [ObjectId(), *writers[: number % 3][::-1]],
    }


def _edition(year: int) -> Document:
    printings = [{"place": None, "copies": copies, "cost": 1} for copies in range(year)]
    return {"year": year, "language": "en", "isbn": "?", "printings": printings}
