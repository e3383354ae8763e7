"""What a client may ask a list of products for, as it is typed."""

from enum import StrEnum
from typing import Annotated, Self

from odmantic import ObjectId
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schema.inputs import Input, Printable
from schema.money.model import Amount
from schema.products.search.terms import folded

MOST_VALUES = 20
"""Values of an `in`, and filters of an AND or OR: each may be a range of the index of its own."""

MOST_FILTERS = 50
"""Filters in one tree of AND, OR and NOT, and values in their `in`s."""

_LONGEST_FOLDED = 200


def _is_short_when_folded(text: str) -> str:
    if len(folded(text)) > _LONGEST_FOLDED:  # one character can stand for eighteen
        raise ValueError("It is too long when written out.")
    return text


Text = Annotated[Printable, StringConstraints(min_length=1, max_length=100), AfterValidator(_is_short_when_folded)]
Values = Annotated[list[Text], Field(min_length=1, max_length=MOST_VALUES)]


class ProductSort(StrEnum):
    """The orders a list of products may have."""

    CREATED_AT_ASC = "CREATED_AT_ASC"
    CREATED_AT_DESC = "CREATED_AT_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"


class TextOperators(Input):
    """Conditions on a name, without regard to case and accents; all together."""

    eq: Text | None = None
    in_: Values | None = Field(None, alias="in")
    contains: Text | None = None
    starts_with: Text | None = None


class SlugOperators(Input):
    """Conditions on a slug; all together."""

    eq: Text | None = None
    in_: Values | None = Field(None, alias="in")


class AmountOperators(Input):
    """Conditions on a price, in whole units of the shop's currency; all together."""

    eq: Amount | None = None
    gte: Amount | None = None
    lte: Amount | None = None


class ProductFilter(Input):
    """Which products: all that is given together. Those on sale, unless `archived` says otherwise at the top."""

    and_: Annotated[list[Self], Field(max_length=MOST_VALUES)] = Field([], alias="AND")
    or_: Annotated[list[Self], Field(max_length=MOST_VALUES)] | None = Field(None, alias="OR")
    not_: Self | None = Field(None, alias="NOT")
    search: Annotated[Printable, StringConstraints(max_length=100), AfterValidator(_is_short_when_folded)] | None = None
    name: TextOperators | None = None
    slug: SlugOperators | None = None
    category_id: ObjectId | None = None
    price: AmountOperators | None = None
    in_stock: bool | None = None
    archived: bool | None = None

    @model_validator(mode="after")
    def _says_at_its_top_alone_whether_it_is_of_the_archived(self) -> Self:
        if any(each.archived is not None for each in self.inner):
            raise ValueError("archived stands at the top of a filter alone.")
        return self

    @property
    def inner(self) -> list[Self]:
        """The filters in its AND, OR and NOT."""
        return [*self.and_, *(self.or_ or ()), *([self.not_] if self.not_ else ())]

    @property
    def size(self) -> int:
        """How many filters it has, itself too, and how many values they compare with one of."""
        values = [operators.in_ or () for operators in (self.name, self.slug) if operators]
        return 1 + sum(each.size for each in self.inner) + sum(map(len, values))
