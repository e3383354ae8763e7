"""What a filter says of a product, exactly, as a condition of MongoDB."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schema.engine import Document
from schema.products.search.filters import ProductFilter, SlugOperators, TextOperators
from schema.products.search.prices import PriceRange
from schema.products.search.terms import folded, words

NOTHING: Document = {"$nor": [{}]}
"""The condition that no product meets: whoever meets it need not ask MongoDB."""

EVERYTHING: Document = {}
"""The condition that each product meets."""


def condition(wanted: ProductFilter, currency: str) -> Document:
    """Holds for the products the filter wants, and for no others."""
    found = [holds(value) for name, holds in _HOLDS.items() if (value := getattr(wanted, name)) is not None]
    if wanted.price is not None:
        found.append(_price(PriceRange.of(wanted.price, currency)))
    found += [condition(each, currency) for each in wanted.and_]
    if wanted.or_ is not None:
        found.append(_any([condition(each, currency) for each in wanted.or_]))
    if wanted.not_ is not None:
        found.append(_not(condition(wanted.not_, currency)))
    return _all(found)


def _all(conditions: Sequence[Document]) -> Document:
    if NOTHING in conditions:
        return NOTHING
    found = [each for each in conditions if each != EVERYTHING]
    return {"$and": found} if found else EVERYTHING


def _any(conditions: Sequence[Document]) -> Document:
    if EVERYTHING in conditions:
        return EVERYTHING
    found = [each for each in conditions if each != NOTHING]
    return {"$or": found} if found else NOTHING


def _not(inner: Document) -> Document:
    if inner == NOTHING:
        return EVERYTHING
    return {"$nor": [inner]}  # of EVERYTHING this is NOTHING


def _price(wanted: PriceRange) -> Document:
    return NOTHING if wanted.is_empty else {"price.amount": wanted.condition}


def _search(text: str) -> Document:
    if not text.strip():  # a search box that was cleared
        return EVERYTHING
    searched = words(text)
    return {"words": {"$all": searched}} if searched else NOTHING


def _name(wanted: TextOperators) -> Document:
    found: list[Document] = []
    if wanted.eq is not None:
        found.append({"name_key": folded(wanted.eq)})
    if wanted.in_ is not None:
        found.append({"name_key": {"$in": [folded(value) for value in wanted.in_]}})
    if wanted.contains is not None:
        found.append({"name_key": {"$regex": re.escape(folded(wanted.contains))}})
    if wanted.starts_with is not None:
        found.append({"name_key": {"$regex": f"^{re.escape(folded(wanted.starts_with))}"}})
    return _all(found)


def _slug(wanted: SlugOperators) -> Document:
    values = [value for value in (wanted.in_, [wanted.eq] if wanted.eq is not None else None) if value is not None]
    return _all([{"slug": {"$in": value}} for value in values])


_HOLDS: Mapping[str, Callable[[Any], Document]] = {
    "search": _search,
    "name": _name,
    "slug": _slug,
    "category_id": lambda category_id: {"place_ids": category_id},
    "in_stock": lambda in_stock: {"in_stock": in_stock},
}
"""By the filter's field: what it says of a product."""
