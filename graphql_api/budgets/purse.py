"""The budget of whoever a request comes from."""

import ipaddress
from dataclasses import dataclass

from graphql_api.budgets.shared import Budgets
from schema.access import Viewer
from schema.context import Client

_HOME = 64
"""Bits of an IPv6 address that a provider gives a customer, who may choose the others at will."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What they may still ask for."""

    budgets: Budgets
    who: str

    def wait(self, amount: float) -> float:
        """0 if that much may be spent, else the seconds until it may be; nothing is spent."""
        return self.budgets.wait(self.who, amount)

    def spend(self, amount: float) -> None:
        """Take it, or with a negative amount give it back."""
        self.budgets.spend(self.who, amount)

    def shown(self) -> dict[str, int]:
        """As the client reads it."""
        return {"available": int(self.budgets.left(self.who)), "restoreRate": int(self.budgets.rate.per_second)}


def purse_of(budgets: Budgets, viewer: Viewer | None, client: Client) -> Purse:
    """The user's own, wherever they are; of somebody who is not signed in their address's."""
    return Purse(budgets, f"user {viewer.id}" if viewer else f"address {_network(client.address)}")


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if ip.version == 4 else str(ipaddress.ip_network((ip, _HOME), strict=False))  # noqa: PLR2004  (a version)
