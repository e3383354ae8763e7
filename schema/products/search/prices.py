"""Ranges of prices, in the smallest unit of the shop's currency."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from babel.numbers import get_currency_precision

from schema.engine import Document
from schema.money.model import MAX_AMOUNT
from schema.products.search.filters import AmountOperators
from schema.products.search.terms import bands


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From the lowest price to the highest, both of them in it; empty when they are the wrong way round."""

    lowest: int
    highest: int

    @classmethod
    def of(cls, wanted: AmountOperators, currency: str) -> Self:
        """What these operators leave."""
        from_, to = _given(wanted.eq, wanted.gte), _given(wanted.eq, wanted.lte)
        scale = get_currency_precision(currency)
        lowest = max((math.ceil(amount.scaleb(scale)) for amount in from_), default=0)
        highest = min((math.floor(amount.scaleb(scale)) for amount in to), default=int(MAX_AMOUNT.scaleb(scale)))
        return cls(lowest, highest)

    @property
    def is_empty(self) -> bool:
        """Whether no price is in it."""
        return self.lowest > self.highest

    @property
    def condition(self) -> Document:
        """What it says of an amount."""
        return {"$gte": self.lowest, "$lte": self.highest}

    @property
    def bands(self) -> list[str]:
        """The bands that have all of its prices."""
        return bands(self.lowest, self.highest)


def _given(*amounts: Decimal | None) -> list[Decimal]:
    return [amount for amount in amounts if amount is not None]
