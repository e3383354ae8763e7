"""Random catalogues and random filters, small enough to meet often."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from odmantic import ObjectId

from schema.products.search.filters import ProductSort
from tests.support.catalog import product_document

Document = dict[str, Any]

ROOT, LEAF, OTHER = (ObjectId(f"{number:024x}") for number in range(3))
PLACES = [(ROOT,), (ROOT, LEAF), (OTHER,)]
_WORDS = ["Lamp", "lamps", "Oak", "Étagère", "oak-lamp", "STRASSE", "straße", "(a+)+$", "x", "ﬁne"]
_NAMES = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join)
_AMOUNTS = st.one_of(st.sampled_from([0, 1, 9, 10, 99, 100, 999, 1000, 1999, 2000, 123_456]), st.integers(0, 5_000))
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def _products(draw: st.DrawFn) -> Document:
    return product_document(
        draw(st.sampled_from(PLACES)),
        id=ObjectId(f"{draw(st.integers(0, 10**6)):024x}"),
        name=draw(_NAMES),
        description=draw(_NAMES | st.just("")),
        amount=draw(_AMOUNTS),
        stock=draw(st.sampled_from([0, 0, 1, 7])),
        is_archived=draw(st.sampled_from([False, False, False, True])),
        created_at=_EPOCH + timedelta(days=draw(st.integers(0, 3))),
    )


def catalogues() -> st.SearchStrategy[list[Document]]:
    """Up to twelve products."""
    return st.lists(_products(), max_size=12, unique_by=lambda product: product["_id"])


_TEXTS = st.one_of(
    _NAMES,
    st.sampled_from(["l", "la", "lam", "AMP", "etag", "ﬁ", "ss", " ", ".", "k l", "nothing", "$ne", "(a+)+$"]),
)
_DECIMALS = st.one_of(
    _AMOUNTS.map(lambda amount: Decimal(amount) / 100), st.sampled_from([Decimal("19.995"), Decimal("9.999")])
)
_SOME = st.lists(_TEXTS, min_size=1, max_size=3)
_LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "search": _TEXTS,
        "name": st.fixed_dictionaries(
            {}, optional={"eq": _NAMES, "in_": _SOME, "contains": _TEXTS, "starts_with": _TEXTS}
        ),
        "slug": st.fixed_dictionaries({}, optional={"eq": _TEXTS, "in_": _SOME}),
        "category_id": st.sampled_from([ROOT, LEAF, OTHER, ObjectId(f"{9:024x}")]),
        "price": st.fixed_dictionaries({}, optional={"eq": _DECIMALS, "gte": _DECIMALS, "lte": _DECIMALS}),
        "in_stock": st.booleans(),
    },
)


def _with_branches(filters: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    several = st.lists(filters, max_size=3)
    trees = st.fixed_dictionaries({}, optional={"and_": several, "or_": several, "not_": filters})
    return st.tuples(_LEAVES, trees).map(lambda parts: parts[0] | parts[1])


def wheres() -> st.SearchStrategy[Document]:
    """Filters of every kind, in one another."""
    archived = st.fixed_dictionaries({}, optional={"archived": st.booleans()})
    trees = st.recursive(_LEAVES, _with_branches, max_leaves=5)
    return st.tuples(trees, archived).map(lambda parts: parts[0] | parts[1])


@dataclass(frozen=True)
class Case:
    """A catalogue, and one way through a list of it."""

    catalogue: list[Document]
    where: Document
    order: ProductSort
    size: dict[str, int]


def cases() -> st.SearchStrategy[Case]:
    """Lists of every kind, in pages of every size, forward and back."""
    sizes = st.dictionaries(st.sampled_from(["first", "last"]), st.integers(1, 5), min_size=1, max_size=1)
    return st.builds(Case, catalogues(), wheres(), st.sampled_from(list(ProductSort)), sizes)
