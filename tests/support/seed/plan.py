"""How much demo data there is, and the dice it is thrown with: equal plans give equal documents, ids included."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Self

from odmantic import ObjectId

FIRST = datetime(2024, 7, 1, 8, tzinfo=UTC)
"""When the shop opened."""

LAST = datetime(2026, 6, 30, 20, tzinfo=UTC)
"""When something last happened in it."""

_LIFE = (LAST - FIRST) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Plan:
    """What is added: so many of each, in this currency, as the dice of this seed fall."""

    seed: int = 1
    products: int = 1_000
    currency: str = "EUR"
    users: int = 200
    orders: int = 2_000
    pictures: int = 4
    """For each kind of thing."""

    @classmethod
    def of(cls, products: int, seed: int, currency: str) -> Self:
        """A plan that suits so many products: a small shop has fewer orders, and pictures."""
        orders, pictures = min(cls.orders, 2 * products), min(cls.pictures, 1 + products // 100)
        return cls(seed, products, currency, orders=orders, pictures=pictures)

    def dice(self, kind: str, number: int) -> Random:
        """The dice for one document: what it becomes hangs on no other."""
        return Random(f"{self.seed} {kind} {number}")  # noqa: S311  # nothing here is secret

    def identify(self, kind: str, number: int, at: datetime) -> ObjectId:
        """The id of one document: it begins with its time, as those of MongoDB do."""
        return ObjectId(int(at.timestamp()).to_bytes(4) + _origin(self.seed, kind) + number.to_bytes(3))


@cache
def _origin(seed: int, kind: str) -> bytes:
    return hashlib.sha256(f"{seed} {kind}".encode()).digest()[:5]


def moment(share: float) -> datetime:
    """The time when this share of the shop's life was over, from 0 to 1; to the millisecond, as MongoDB keeps it."""
    return FIRST + timedelta(milliseconds=int(share * _LIFE))


def between(dice: Random, first: datetime, last: datetime = LAST) -> datetime:
    """Some time from one to the other."""
    return first + timedelta(milliseconds=int(dice.random() * ((last - first) // timedelta(milliseconds=1))))
