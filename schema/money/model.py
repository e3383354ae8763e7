"""An amount of money, kept in the smallest unit of its currency: 19.99 EUR is 1999."""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Self

from babel.numbers import format_currency, get_currency_precision
from odmantic import EmbeddedModel
from pydantic import Field, StringConstraints, model_validator

from schema.inputs import Input

MAX_AMOUNT = Decimal(1_000_000_000)
"""The dearest thing there is, in whole units of its currency."""

Amount = Annotated[Decimal, Field(ge=0, le=MAX_AMOUNT, max_digits=20, decimal_places=10, allow_inf_nan=False)]
"""A price or a bound of prices: never negative, never without end, and with no more digits than are exact."""


class Money(EmbeddedModel):
    """An amount in the smallest unit of its currency, so that it sorts, adds and compares exactly."""

    amount: int
    currency_code: str


class MoneyAmount(Input):
    """An amount as it is typed, in a currency that has such decimals."""

    amount: Amount
    currency_code: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]

    @model_validator(mode="after")
    def _has_no_more_decimals_than_its_currency(self) -> Self:
        minor_units(self.amount, self.currency_code)
        return self

    def money(self) -> Money:
        """As it is kept."""
        return Money(amount=minor_units(self.amount, self.currency_code), currency_code=self.currency_code)


_decimals = lru_cache(maxsize=400)(get_currency_precision)
"""How many decimals a currency has: there are fewer than 200 of them."""


def minor_units(amount: Decimal, currency_code: str) -> int:
    """The amount in the smallest unit; ValueError if the currency has no unit that small."""
    scaled = amount.scaleb(_decimals(currency_code))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"It has more decimals than {currency_code} has.")
    return int(scaled)


def decimal(amount: int, currency_code: str) -> Decimal:
    """An amount in the smallest unit as people write it: 1999 EUR is 19.99."""
    return Decimal(amount).scaleb(-_decimals(currency_code))


def formatted(money: Money) -> str:
    """The amount as letters say it: €19.99."""
    return _formatted(money.amount, money.currency_code)


@lru_cache(maxsize=10_000)
def _formatted(amount: int, currency_code: str) -> str:
    """Remembered, since prices are few, and to lay one out takes 30 µs."""
    return format_currency(decimal(amount, currency_code), currency_code, locale="en")
