"""How GraphQL shows money, and takes it."""

from decimal import Decimal

import strawberry

from schema.engine import Document
from schema.money.model import decimal
from schema.permissions import PUBLIC
from schema.selection import reads


@strawberry.type(name="Money", description="An amount of money.")
class MoneyType:
    """Read from an embedded document."""

    @strawberry.field(
        metadata=PUBLIC | reads("amount", "currency_code"),
        description="In whole units with the currency's decimals, like 19.99; exact.",
    )
    def amount(self, root: strawberry.Parent[Document]) -> Decimal:
        """The amount as people write it."""
        return decimal(root["amount"], root["currency_code"])

    currency_code: str = strawberry.field(metadata=PUBLIC, description="ISO 4217, like EUR.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """What prices are given as."""

    amount: Decimal = strawberry.field(description="Not negative, with no more decimals than the currency has: 19.99.")
    currency_code: str = strawberry.field(description="ISO 4217, like EUR: the shop's currency.")
