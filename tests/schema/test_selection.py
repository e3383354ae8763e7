"""What is selected is what is read: seen in the commands MongoDB gets, and in answers that lack nothing."""

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any, cast

import hypothesis
import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from odmantic import Model
from strawberry.types.field import StrawberryField
from typing_extensions import override

from graphql_api.schema import create_schema
from schema.database import Database
from schema.loaders import Loader, Loaders
from schema.permissions import ACCESS
from schema.selection import Selection
from tests.schema.library import SCHEMA, Library, Writer, ask, stock
from tests.support.profiler import Call, watched

pytestmark = pytest.mark.anyio


TYPES = SCHEMA._schema.type_map  # noqa: SLF001  # Strawberry shows it nowhere else


@pytest.fixture
async def library(database: Database) -> Library:
    await stock(database, 12)
    return Library(database, Loaders(database))


async def _calls(library: Library, query: str, **variables: object) -> list[Call]:
    async with watched(library.database.client[library.database.engine.database_name]) as calls:
        await ask(Library(library.database, Loaders(library.database)), query, **variables)
    return calls


SELECTIONS = {
    "title": {"title"},
    "__typename": set(),
    "id": set(),
    "id title pages": {"title", "pages"},
    "a: title b: pages": {"title", "pages"},
    "summary": {"title", "pages"},
    "shelf": set(),
    "price{amount}": {"price_amount"},
    "price{__typename}": set(),
    "editions{__typename}": {"editions"},
    "editions{year}": {"editions.year"},
    "editions{year} e: editions{__typename printings{place}}": {"editions.year", "editions.printings.place"},
    "editions{label printings{__typename}}": {"editions.year", "editions.language", "editions.printings"},
    "editions{__typename} editions{year}": {"editions"},
    "writer{name}": {"writer_id"},
    "...{title} ... on Book{pages} ... on Node{id}": {"title", "pages"},
    "...F ...F ... on Node{...G}": {"editions.year", "title", "price_amount", "writer_id"},
    "title @skip(if: true) pages @include(if: false)": {"title", "pages"},
}
FRAGMENTS = """
fragment F on Book { editions { ...E } a: title ... on Book { price { amount } } }
fragment E on Edition { year }
fragment G on Node { id ... on Book { writer { id } } ... on Writer { name } }
"""


@pytest.mark.parametrize(("selected", "expected"), SELECTIONS.items(), ids=SELECTIONS.keys())
async def test_just_what_is_selected_is_read(library: Library, selected: str, expected: set[str]) -> None:
    for query in (f"{{books{{nodes{{{selected}}}}}}}", f"{{books{{edges{{cursor node{{{selected}}}}}}}}}"):
        books = (await _calls(library, query + FRAGMENTS * ("...F" in query)))[0]
        assert books.fields == expected | {"_id", "title"}  # what cursors are made of


async def test_nodes_and_edges_together_read_what_either_needs(library: Library) -> None:
    (books,) = await _calls(library, "{books{nodes{pages} edges{node{price{currency}}}}}")
    assert books.fields == {"_id", "title", "pages", "price_currency"}


async def test_where_a_page_stands_is_known_by_ids_and_the_sort(library: Library) -> None:
    (books,) = await _calls(library, "{books{totalCount @skip(if: true) pageInfo{hasNextPage endCursor}}}")
    assert books.fields == {"_id", "title"}


async def test_a_list_that_is_only_counted_is_not_read(library: Library) -> None:
    (count,) = await _calls(library, "{books{__typename totalCount}}")
    assert (count.name, count.collection) == ("aggregate", "book")


async def test_a_single_object_is_read_with_what_its_rule_needs(library: Library) -> None:
    _, book = await _calls(library, '{book(title:"Book 001"){pages}}')
    assert book.fields == {"_id", "pages", "secret"}


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ("id", set()),
        ("__typename ... on Writer{name} ... on Book{pages}", {"name"}),
        ("...W", {"pen_name", "home.street"}),
        ("... on Node{... on Town{country}}", set()),
    ],
)
async def test_an_interface_is_read_as_the_type_it_is_shown_as(
    library: Library, selected: str, expected: set[str]
) -> None:
    writer = await library.database.collection(Writer).find_one({})
    fragment = "fragment W on Writer{penName home{street}}" * ("...W" in selected)
    query = f'query($id: String!){{thing(kind: "Writer", id: $id){{{selected}}}}} {fragment}'
    (thing,) = await _calls(library, query, id=str(writer and writer["_id"]))
    assert thing.fields == {"_id"} | expected


class Whole(Loaders):
    """Documents with all they have."""

    @override
    def by_id(self, model: type[Model], fields: frozenset[str] | None, places: Sequence[Database] = ()) -> Loader:
        return super().by_id(model, None)


class Selecting:
    """Draws selections of types of the stand-in schema: aliases, fragments and all."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._names = itertools.count()
        self.fragments: dict[str, tuple[str, str]] = {}

    def of(self, kind: Any, depth: int) -> str:  # noqa: ANN401  # graphql-core's get_named_type gives any type
        """A selection of this type."""
        return " ".join(self._one(kind, depth) for _ in range(self._dice.randint(1, 4)))

    def _one(self, kind: Any, depth: int) -> str:  # noqa: ANN401  # as above
        shape = self._dice.choice(["field", "field", "field", "inline", "new", "old"]) if depth else ""
        if shape == "inline":
            return f"...{self._dice.choice(['', f' on {kind.name}'])}{{{self.of(kind, depth - 1)}}}"
        if shape == "new":
            body, name = self.of(kind, depth - 1), f"F{next(self._names)}"
            self.fragments[name] = (kind.name, body)
            return f"...{name}"
        old = [name for name, (type_name, _) in self.fragments.items() if type_name == kind.name]
        return f"...{self._dice.choice(old)}" if shape == "old" and old else self._field(kind, depth)

    def _field(self, kind: Any, depth: int) -> str:  # noqa: ANN401  # as above
        types = {name: get_named_type(field.type) for name, field in kind.fields.items()}
        leaves = [name for name, inner in types.items() if is_leaf_type(inner)]
        name = self._dice.choice([*(types if depth else leaves), "__typename"])
        alias = self._dice.choice(["", f"a{next(self._names)}: "])
        inner = "" if name in leaves or name == "__typename" else f"{{{self.of(types[name], depth - 1)}}}"
        return f"{alias}{name}{inner}"

    def query(self) -> str:
        """A query of the list of books."""
        selected = self.of(TYPES["BookConnection"], 6)
        fragments = (f"fragment {name} on {kind} {{{body}}}" for name, (kind, body) in self.fragments.items())
        return f"{{books(first: 9){{{selected}}}}} {' '.join(fragments)}"


@hypothesis.settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dice=st.randoms(use_true_random=True))
async def test_an_answer_lacks_nothing_that_whole_documents_would_show(library: Library, dice: random.Random) -> None:
    query = Selecting(dice).query()
    selected = await ask(Library(library.database, Loaders(library.database)), query)
    assert selected == await ask(Library(library.database, Whole(library.database), reads_all=True), query)


def _keys(query: str) -> frozenset[str]:
    """What the first field of a query on books selects."""
    operation, *fragments = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    named = {each.name.value: each for each in fragments if isinstance(each, FragmentDefinitionNode)}
    nodes = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return Selection(SCHEMA._schema, named).keys(TYPES["BookConnection"], nodes)  # noqa: SLF001  # as above


def test_fragments_that_spread_each_other_twice_are_walked_once() -> None:
    chain = "".join(f"fragment F{n} on Book {{...F{n + 1} ... on Node{{...F{n + 1}}}}}" for n in range(100))
    assert _keys(f"{{books{{nodes{{...F0}}}}}} {chain} fragment F100 on Book {{title}}") == {"_id", "title"}


def test_every_field_with_a_resolver_on_a_document_says_what_it_reads() -> None:
    """Else its resolver would look for what was never asked for."""
    silent = [name for name, field in _fields_of_documents() if field.base_resolver and "reads" not in field.metadata]
    assert silent == []


def test_no_field_of_a_document_reads_what_is_secret() -> None:
    public = [field for _, field in _fields_of_documents() if field.metadata[ACCESS] == "public"]
    read = {key for field in public for key in field.metadata.get("reads", (field.python_name,))}
    assert read.isdisjoint({"password_hash", "token", "payload", "recipient", "detail", "email_key"})
    assert read >= {"_id", "email", "status"}


def _fields_of_documents() -> Iterator[tuple[str, StrawberryField]]:
    schema = create_schema()._schema  # noqa: SLF001  # Strawberry shows it nowhere else
    for kind in schema.get_possible_types(cast("Any", schema.type_map["Node"])):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.extensions["strawberry-definition"]
