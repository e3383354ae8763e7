"""The budget of whoever a request comes from."""

import ipaddress
from dataclasses import dataclass

from graphql_api.budgets.shared import Budgets, key_of
from schema.access import Viewer
from schema.context import Client

_HOME = 64
"""Bits of an IPv6 address that a provider gives a customer, who may choose the others at will."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What they may still ask for."""

    budgets: Budgets
    key: str

    def wait(self, amount: float) -> float:
        """0 if that much may be spent, else the seconds until it may be; nothing is spent."""
        return self.budgets.wait(self.key, amount)

    def spend(self, amount: float) -> None:
        """Take it, or with a negative amount give it back."""
        self.budgets.spend(self.key, amount)

    def shown(self) -> dict[str, int]:
        """As the client reads it."""
        return {"available": int(self.budgets.left(self.key)), "restoreRate": int(self.budgets.rate.per_second)}


def purse_of(budgets: Budgets, viewer: Viewer | None, client: Client) -> Purse:
    """The user's own, wherever they are; of somebody who is not signed in their address's."""
    return Purse(budgets, key_of(f"user {viewer.id}" if viewer else f"address {network(client.address)}"))


def network(address: str) -> str:
    """Of an IPv6 address what its customer has of it, else the address."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address, _HOME), strict=False))
    except ValueError:
        return address
