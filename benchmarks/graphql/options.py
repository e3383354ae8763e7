"""What the environment says of a run: `ONLY=typename,byid PEERS=postberry,apollo ROUNDS=1 SCALE=0.1`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Options:
    """How much is measured; nothing named is everything."""

    only: frozenset[str]
    peers: frozenset[str]
    rounds: int
    scale: float
    requests: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """As they are typed."""
        return cls(
            only=_names(environment.get("ONLY", "")),
            peers=_names(environment.get("PEERS", "")),
            rounds=int(environment.get("ROUNDS") or 3),
            scale=float(environment.get("SCALE") or 1),
            requests=int(environment.get("REQUESTS") or 0),
        )

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return not (self.only or self.peers) and self.scale >= 1

    def wants(self, case: str) -> bool:
        """Whether this is to be measured."""
        return not self.only or case in self.only

    def chosen(self, peers: Iterable[str]) -> list[str]:
        """Those of them that take part."""
        return [name for name in peers if not self.peers or name in self.peers]

    def many(self, count: int) -> int:
        """So many at full scale."""
        return max(1, round(count * self.scale))


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, text.split(","))))
