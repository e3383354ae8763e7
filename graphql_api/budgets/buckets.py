"""The budgets of one process: what is left of each, by the time."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

MOST = 10_000
"""How many are kept, the ones used last: one that is forgotten is full again."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a full budget holds, and how much of it comes back each second."""

    capacity: float
    per_second: float


class Level(NamedTuple):
    """What was left, and when."""

    left: float
    at: float


class Buckets:
    """Of one rate, by the key of who spends; times are seconds of any one clock."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._levels: OrderedDict[str, Level] = OrderedDict()
        self._spent: dict[str, float] = {}

    def left(self, key: str, now: float) -> float:
        """What may be spent now."""
        left, at = self._levels.get(key, Level(self.rate.capacity, now))
        return min(self.rate.capacity, left + max(0.0, now - at) * self.rate.per_second)

    def wait(self, key: str, amount: float, now: float) -> float:
        """0 if that much may be spent, else the seconds until it may be; nothing is spent. A full budget is enough."""
        missing = min(amount, self.rate.capacity) - self.left(key, now)
        return max(0.0, missing / self.rate.per_second)

    def spend(self, key: str, amount: float, now: float) -> None:
        """Take it, or with a negative amount give it back."""
        self._set(key, self.left(key, now) - amount, now)
        self._spent[key] = self._spent.get(key, 0.0) + amount

    def spent(self) -> dict[str, float]:
        """What was spent by whom since this was asked last."""
        spent, self._spent = self._spent, {}
        return spent

    def correct(self, key: str, left: float, now: float) -> None:
        """This was left when all processes were asked; what was spent here since then is not in it."""
        self._set(key, left - self._spent.get(key, 0.0), now)

    def _set(self, key: str, left: float, now: float) -> None:
        self._levels[key] = Level(left, now)
        self._levels.move_to_end(key)
        while len(self._levels) > MOST:
            self._levels.popitem(last=False)
