"""How GraphQL shows money, and takes it."""

import re
from decimal import Decimal

import strawberry
from graphql import FloatValueNode, IntValueNode, StringValueNode, ValueNode

from schema.caching import inherited
from schema.engine import Document
from schema.money.model import decimal
from schema.nodes import computed
from schema.permissions import PUBLIC
from schema.selection import reads

_WRITTEN = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")


def _parsed(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not _WRITTEN.fullmatch(str(value)):
        raise ValueError("It is no decimal number, like 19.99.")
    return Decimal(str(value))


def _written(node: ValueNode, _: object = None) -> Decimal:
    """A number in a query, as it is written there: never by way of a float."""
    return _parsed(node.value if isinstance(node, StringValueNode | IntValueNode | FloatValueNode) else None)


DECIMAL = strawberry.scalar(
    name="Decimal",
    description='A decimal number, exact: answered as a string like "19.99", taken as a string or a number.',
    serialize=str,
    parse_value=_parsed,
    parse_literal=_written,
)


def _amount(money: Document) -> Decimal:
    return decimal(money["amount"], money["currency_code"])


@strawberry.type(name="Money", directives=[inherited()], description="An amount of money.")
class MoneyType:
    """Read from an embedded document."""

    @strawberry.field(
        metadata=PUBLIC | reads("amount", "currency_code") | computed(lambda _: _amount),
        description="In whole units with the currency's decimals, like 19.99; exact.",
    )
    def amount(self, root: strawberry.Parent[Document]) -> Decimal:
        """The amount as people write it."""
        return _amount(root)

    currency_code: str = strawberry.field(metadata=PUBLIC, description="ISO 4217, like EUR.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """What prices are given as."""

    amount: Decimal = strawberry.field(description="Not negative, with no more decimals than the currency has: 19.99.")
    currency_code: str = strawberry.field(description="ISO 4217, like EUR: the shop's currency.")
