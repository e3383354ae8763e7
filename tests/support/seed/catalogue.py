"""The categories of the demo shop, and what stands in them: `catalogue.toml` as objects."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from odmantic import ObjectId
from pydantic import TypeAdapter

from schema.categories.model import Category
from schema.engine import Document
from schema.slugs import slug_of
from tests.support.seed.plan import FIRST, Plan


@dataclass(frozen=True, slots=True)
class Leaf:
    """A category with products: what they are, what they are made of, what they cost, and what is said of them."""

    root: str
    name: str
    things: tuple[str, ...]
    materials: tuple[str, ...]
    prices: tuple[int, int]
    about: tuple[str, ...]
    measure: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that names and descriptions are made of."""

    leaves: tuple[Leaf, ...]
    series: tuple[str, ...]
    colours: tuple[str, ...]
    services: tuple[str, ...]
    countries: tuple[str, ...]
    materials: Mapping[str, str]


@cache
def catalogue() -> Catalogue:
    """The catalogue, read once."""
    text = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return TypeAdapter(Catalogue).validate_python(tomllib.loads(text))


def place_ids(plan: Plan) -> list[list[ObjectId]]:
    """For each leaf the ids of its categories, the root first."""
    ids = _ids(plan)
    return [[ids[leaf.root], ids[leaf.name]] for leaf in catalogue().leaves]


def documents(plan: Plan) -> list[Document]:
    """The categories as they are kept: every root, and every leaf below its root."""
    parents: dict[str, list[str]] = {leaf.root: [] for leaf in catalogue().leaves}
    parents |= {leaf.name: [leaf.root] for leaf in catalogue().leaves}
    ids = _ids(plan)
    return [_document(ids[name], name, [ids[parent] for parent in above]) for name, above in parents.items()]


def _ids(plan: Plan) -> dict[str, ObjectId]:
    leaves = catalogue().leaves
    names = dict.fromkeys([*(leaf.root for leaf in leaves), *(leaf.name for leaf in leaves)])
    return {name: plan.identify("category", number, FIRST) for number, name in enumerate(names)}


def _document(category_id: ObjectId, name: str, above: list[ObjectId]) -> Document:
    parent_id = above[-1] if above else None
    category = Category(
        id=category_id, name=name, slug=slug_of(name), parent_id=parent_id, ancestor_ids=above, created_at=FIRST
    )
    return category.model_dump_doc()
