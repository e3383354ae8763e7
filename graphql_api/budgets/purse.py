"""What whoever a request comes from may ask for: one budget for what it costs, and those of some root fields.

A root field's is spent by one each time the field is asked for, under whatever alias.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from limits import RateLimitItem

from graphql_api.budgets.buckets import Account, Rate
from graphql_api.budgets.shared import Budgets, key_of
from schema.access import Viewer
from schema.context import Client
from schema.networks import network
from settings.config import Settings


@dataclass(frozen=True, slots=True)
class Allowance:
    """What each client gets: the rate of the budget for costs, and those of root fields, by their names."""

    cost: Rate
    fields: Mapping[str, Sequence[Rate]]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the operator has it."""
        fields = {field: [_rate(item) for item in items] for field, items in settings.field_rates.items()}
        return cls(Rate(settings.query_budget, settings.query_budget_restore), fields)


def _rate(item: RateLimitItem) -> Rate:
    """A budget that is full again after the item's period."""
    return Rate(item.amount, item.amount / item.get_expiry())


@dataclass(frozen=True, slots=True)
class Purse:
    """What they may still ask for."""

    budgets: Budgets
    allowance: Allowance
    who: str
    cost: Account

    def take(self, cost: float, fields: Iterable[str] = ()) -> float:
        """Spend that much, and ask once for each of these root fields: 0. Else nothing: the seconds until it may be."""
        charges = {self.cost: cost}
        for account in self._accounts(fields):
            charges[account] = charges.get(account, 0) + 1
        return self.budgets.take(charges)

    def give_back(self, cost: float) -> None:
        """What was not needed."""
        if cost:
            self.budgets.spend(self.cost, -cost)

    def shown(self) -> dict[str, int]:
        """As the client reads it."""
        return {"available": int(self.budgets.left(self.cost)), "restoreRate": int(self.cost.rate.per_second)}

    def _accounts(self, fields: Iterable[str]) -> Iterator[Account]:
        for field in fields:
            for rate in self.allowance.fields.get(field, ()):
                yield Account(key_of(f"{self.who} {field} {rate.capacity:g} {rate.per_second:g}"), rate)


def purse_of(budgets: Budgets, allowance: Allowance, viewer: Viewer | None, client: Client) -> Purse:
    """The user's own, wherever they are; of somebody who is not signed in their address's."""
    who = holder_of(viewer, client)
    return Purse(budgets, allowance, who, Account(key_of(who), allowance.cost))


def holder_of(viewer: Viewer | None, client: Client) -> str:
    """Whose limits count: the user's, else the address's."""
    return f"user {viewer.id}" if viewer else f"address {network(client.address)}"
