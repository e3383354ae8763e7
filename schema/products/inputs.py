"""What clients send about products: how GraphQL takes a filter, and how it becomes one."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import strawberry

from schema.enums import described
from schema.errors import BadUserInput
from schema.inputs import validate_argument
from schema.nodes import id_of
from schema.products.search.filters import MOST_VALUES, ProductFilter, ProductSort

MOST_LEVELS = 10
"""How deep filters may stand in one another."""

described(
    ProductSort,
    "The orders a list of products may have.",
    CREATED_AT_ASC="The oldest first.",
    CREATED_AT_DESC="The newest first.",
    NAME_ASC="By name, from A to Z.",
    NAME_DESC="By name, from Z to A.",
    PRICE_ASC="The cheapest first.",
    PRICE_DESC="The dearest first.",
)


@strawberry.input(description="Conditions on a text, without regard to case and accents; all together.")
class TextWhere:
    """Operators on a name."""

    eq: str | None = strawberry.field(default=None, description="It is this.")
    in_: list[str] | None = strawberry.field(default=None, name="in", description="It is one of these, 1 to 20.")
    contains: str | None = strawberry.field(default=None, description="It has this somewhere.")
    starts_with: str | None = strawberry.field(default=None, description="It begins so.")


@strawberry.input(description="Conditions on a slug; all together.")
class SlugWhere:
    """Operators on a slug."""

    eq: str | None = strawberry.field(default=None, description="It is this.")
    in_: list[str] | None = strawberry.field(default=None, name="in", description="It is one of these, 1 to 20.")


@strawberry.input(description="Conditions on an amount in the shop's currency, in whole units; all together.")
class AmountWhere:
    """Operators on a price."""

    eq: Decimal | None = strawberry.field(default=None, description="It is this, like 19.99.")
    gte: Decimal | None = strawberry.field(default=None, description="It is this or more.")
    lte: Decimal | None = strawberry.field(default=None, description="It is this or less.")


@strawberry.input(description="Which products: all that is given together. At most 50 filters, and values of `in`.")
class ProductWhere:
    """What `products` filters by."""

    and_: "list[ProductWhere] | None" = strawberry.field(
        default=None, name="AND", description="All of these hold, at most 20."
    )
    or_: "list[ProductWhere] | None" = strawberry.field(
        default=None, name="OR", description="At least one of these holds, at most 20; of none, none does."
    )
    not_: "ProductWhere | None" = strawberry.field(default=None, name="NOT", description="This does not hold.")
    search: str | None = strawberry.field(
        default=None, description="Has all these words in its name or description, whatever their English endings."
    )
    name: TextWhere | None = strawberry.field(default=None, description="Its name.")
    slug: SlugWhere | None = strawberry.field(default=None, description="Its slug.")
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="It stands in this category, or in one below it."
    )
    price: AmountWhere | None = strawberry.field(default=None, description="What one piece costs.")
    in_stock: bool | None = strawberry.field(default=None, description="Whether there is a piece at all.")
    archived: bool | None = strawberry.field(
        default=None,
        description="At the top: true lists archived products instead of those on sale, for who manages the catalogue.",
    )


def filter_of(where: ProductWhere | None) -> ProductFilter:
    """The filter as it is worked with; BadUserInput that names what is wrong with it."""
    return validate_argument("where", ProductFilter, _values(where, MOST_LEVELS) if where else {})


def _values(where: ProductWhere, levels: int) -> dict[str, Any]:
    if levels == 0:
        raise BadUserInput(f"Filters stand at most {MOST_LEVELS} deep in one another.")
    return {name: _READ.get(name, _as_given)(value, levels - 1) for name, value in _given(where).items()}


def _given(operators: object) -> dict[str, Any]:
    """What is not left out, by the names that clients know."""
    return {_NAMES.get(name, name): value for name, value in vars(operators).items() if value is not None}


def _several(filters: list[ProductWhere], levels: int) -> list[dict[str, Any]]:
    if len(filters) > MOST_VALUES:  # before each is looked at
        raise BadUserInput(f"At most {MOST_VALUES} filters in one AND or OR.")
    return [_values(each, levels) for each in filters]


def _as_given(value: object, _: int) -> object:
    return value


_NAMES = {"and_": "AND", "or_": "OR", "not_": "NOT", "in_": "in"}

_READ: Mapping[str, Callable[[Any, int], object]] = {
    "AND": _several,
    "OR": _several,
    "NOT": _values,
    "name": lambda operators, _: _given(operators),
    "slug": lambda operators, _: _given(operators),
    "price": lambda operators, _: _given(operators),
    "category_id": lambda category_id, _: id_of("Category", category_id),
}
"""How the parts of a filter are read that are no plain values."""
