"""The lists that are timed: every filter `products` offers, on what is in the data."""

from typing import Any

from pymongo.database import Database

from schema.nodes import to_global_id

Document = dict[str, Any]

_NAMES = {
    "and_": "AND",
    "or_": "OR",
    "not_": "NOT",
    "in_": "in",
    "category_id": "categoryId",
    "in_stock": "inStock",
    "starts_with": "startsWith",
}


def cases(database: Database[Document]) -> dict[str, Document]:
    """By what it is called: a filter, as `ProductFilter` takes it."""
    product = database["products"].find_one({"is_archived": False, "in_stock": True}) or {}
    leaf, root = product["place_ids"][-1], product["place_ids"][0]
    word, other = sorted(product["name"].split(), key=len)[-2:]
    return {
        "all": {},
        "in stock": {"in_stock": True},
        "sold out": {"in_stock": False},
        "category": {"category_id": leaf},
        "category and all below": {"category_id": root},
        "category, in stock": {"category_id": leaf, "in_stock": True},
        "price, wide": {"price": {"gte": "20", "lte": "400"}},
        "price, narrow": {"price": {"gte": "100", "lte": "100.50"}},
        "price, above all": {"price": {"gte": "900000"}},
        "price in category": {"price": {"gte": "50", "lte": "60"}, "category_id": leaf},
        "word": {"search": word},
        "two words": {"search": f"{word} {other}"},
        "word in category": {"search": other, "category_id": leaf},
        "word at a price": {"search": word, "price": {"lte": "50"}},
        "part of a name": {"name": {"contains": other[1:5]}},
        "no part of any name": {"name": {"contains": "zqxj"}},
        "start of a name": {"name": {"starts_with": product["name"][:6]}},
        "name": {"name": {"eq": product["name"]}},
        "slug": {"slug": {"eq": product["slug"]}},
        "either": {"or_": [{"search": word}, {"category_id": leaf}]},
        "not": {"category_id": root, "not_": {"search": word}},
    }


def variables(where: Document) -> Document:
    """The filter as a client sends it."""
    return {_NAMES.get(name, name): _value(name, value) for name, value in where.items()}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401  # filters hold anything
    if name == "category_id":
        return to_global_id("Category", value)
    if isinstance(value, list):
        return [variables(each) for each in value]
    return variables(value) if isinstance(value, dict) else value
