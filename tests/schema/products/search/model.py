"""The model: what a filter means and how a list is sorted, in plain Python, without MongoDB and its indexes."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]  # it ships no types

Document = dict[str, Any]
Operators = dict[str, Callable[[Any], bool]]
_STEMMER = snowballstemmer.stemmer("english")


def plain(text: str) -> str:
    """Text without case and accents."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) != "Mn")
    return "".join(letters).casefold()


def stems(text: str) -> set[str]:
    """The words of a text without their endings."""
    return {_STEMMER.stemWord(word) for word in re.findall(r"\w+", plain(text))}


def meets(product: Document, where: Document) -> bool:
    """Whether a product is what a filter wants."""
    return all(_MEANINGS[name](product, wanted) for name, wanted in where.items() if wanted is not None)


def _name(product: Document, wanted: Document) -> bool:
    name = plain(product["name"])
    holds: Operators = {
        "eq": lambda value: name == plain(value),
        "in_": lambda values: name in {plain(value) for value in values},
        "contains": lambda value: plain(value) in name,
        "starts_with": lambda value: name.startswith(plain(value)),
    }
    return all(holds[operator](value) for operator, value in wanted.items())


def _slug(product: Document, wanted: Document) -> bool:
    holds: Operators = {"eq": lambda value: product["slug"] == value, "in_": lambda values: product["slug"] in values}
    return all(holds[operator](value) for operator, value in wanted.items())


def _price(product: Document, wanted: Document) -> bool:
    price = Decimal(product["price"]["amount"]) / 100
    holds: Operators = {
        "eq": lambda value: price == value,
        "gte": lambda value: price >= value,
        "lte": lambda value: price <= value,
    }
    return all(holds[operator](value) for operator, value in wanted.items())


def _search(product: Document, text: str) -> bool:
    said = stems(f"{product['name']} {product['description']}")
    return not text.strip() or (bool(stems(text)) and stems(text) <= said)


_MEANINGS: dict[str, Callable[[Document, Any], bool]] = {
    "and_": lambda product, filters: all(meets(product, each) for each in filters),
    "or_": lambda product, filters: any(meets(product, each) for each in filters),
    "not_": lambda product, filter_: not meets(product, filter_),
    "search": _search,
    "name": _name,
    "slug": _slug,
    "category_id": lambda product, category_id: category_id in product["place_ids"],
    "price": _price,
    "in_stock": lambda product, wanted: (product["stock"] > 0) is wanted,
    "archived": lambda _product, _wanted: True,  # said of the whole list: see `listed`
}

_KEYS: dict[str, Callable[[Document], Any]] = {
    "CREATED_AT": lambda product: product["created_at"],
    "NAME": lambda product: plain(product["name"]),
    "PRICE": lambda product: product["price"]["amount"],
}


def listed(products: list[Document], where: Document, order: str) -> list[Document]:
    """The products of a list, in its order."""
    archived = bool(where.get("archived"))
    found = [product for product in products if product["is_archived"] is archived and meets(product, where)]
    field, _, direction = order.rpartition("_")
    return sorted(found, key=lambda each: (_KEYS[field](each), each["_id"]), reverse=direction == "DESC")
