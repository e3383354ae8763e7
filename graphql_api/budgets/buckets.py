"""The budgets of one process: what is left of each, by the time."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

MOST = 20_000
"""How many are kept, the ones used last: one that is forgotten is full again."""


class Rate(NamedTuple):
    """What a full budget holds, and how much of it comes back each second."""

    capacity: float
    per_second: float


class Account(NamedTuple):
    """One budget: the key of who spends what, and how it fills up."""

    key: str
    rate: Rate


class Level(NamedTuple):
    """What was left, and when."""

    left: float
    at: float


class Buckets:
    """The budgets by their keys; times are seconds of any one clock."""

    def __init__(self) -> None:
        self._levels: OrderedDict[str, Level] = OrderedDict()
        self._spent: dict[Account, float] = {}

    def left(self, account: Account, now: float) -> float:
        """What may be spent now."""
        (capacity, per_second), level = account.rate, self._levels.get(account.key)
        if level is None:
            return capacity
        left, at = level
        return min(capacity, left + max(0.0, now - at) * per_second)

    def wait(self, account: Account, amount: float, now: float) -> float:
        """0 if that much may be spent, else the seconds until it may be; nothing is spent. A full budget is enough."""
        return _seconds(account, amount, self.left(account, now))

    def take(self, charges: Mapping[Account, float], now: float) -> float:
        """Spend them all: 0. Else nothing: the seconds until they may be spent."""
        left = {account: self.left(account, now) for account in charges}
        wait = max(_seconds(account, amount, left[account]) for account, amount in charges.items())
        if not wait:
            for account, amount in charges.items():
                self._note(account, amount, left[account], now)
        return wait

    def spend(self, account: Account, amount: float, now: float) -> None:
        """Take it, or with a negative amount give it back."""
        self._note(account, amount, self.left(account, now), now)

    def spent(self) -> dict[Account, float]:
        """What was spent of which since this was asked last."""
        spent, self._spent = self._spent, {}
        return spent

    def correct(self, account: Account, left: float, now: float) -> None:
        """This was left when all processes were asked; what was spent here since then is not in it."""
        self._set(account.key, left - self._spent.get(account, 0.0), now)

    def _note(self, account: Account, amount: float, left: float, now: float) -> None:
        self._set(account.key, left - amount, now)
        self._spent[account] = self._spent.get(account, 0.0) + amount

    def _set(self, key: str, left: float, now: float) -> None:
        self._levels[key] = Level(left, now)
        self._levels.move_to_end(key)
        while len(self._levels) > MOST:
            self._levels.popitem(last=False)


def _seconds(account: Account, amount: float, left: float) -> float:
    missing = min(amount, account.rate.capacity) - left
    return missing / account.rate.per_second if missing > 0 else 0.0
