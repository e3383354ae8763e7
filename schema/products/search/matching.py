"""What a filter says of a product, exactly, as a condition of MongoDB."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from schema.engine import Document
from schema.products.search.filters import ProductFilter, SlugOperators, TextOperators
from schema.products.search.prices import PriceRange
from schema.products.search.terms import folded, words

_NOTHING: Document = {"$nor": [{}]}
"""The condition that no product meets."""


def condition(wanted: ProductFilter, currency: str) -> Document:
    """Holds for the products the filter wants, and for no others."""
    found = [holds(value) for name, holds in _HOLDS.items() if (value := getattr(wanted, name)) is not None]
    if wanted.price is not None:
        found.append({"price.amount": PriceRange.of(wanted.price, currency).condition})
    found += [condition(each, currency) for each in wanted.and_]
    if wanted.or_ is not None:
        found.append(_any([condition(each, currency) for each in wanted.or_]))
    if wanted.not_ is not None:
        found.append({"$nor": [condition(wanted.not_, currency)]})
    return {"$and": found} if found else {}


def _any(conditions: list[Document]) -> Document:
    return {"$or": conditions} if conditions else _NOTHING


def _search(text: str) -> Document:
    searched = words(text)
    return {"words": {"$all": searched}} if searched else _NOTHING


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
    return {"$and": found} if found else {}


def _slug(wanted: SlugOperators) -> Document:
    values = [value for value in (wanted.in_, [wanted.eq] if wanted.eq is not None else None) if value is not None]
    return {"$and": [{"slug": {"$in": value}} for value in values]} if values else {}


_HOLDS: Mapping[str, Callable[[Any], Document]] = {
    "search": _search,
    "name": _name,
    "slug": _slug,
    "category_id": lambda category_id: {"place_ids": category_id},
    "in_stock": lambda in_stock: {"in_stock": in_stock},
    "archived": lambda archived: {"is_archived": archived},
}
"""By the filter's field: what it says of a product."""
