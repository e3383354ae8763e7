"""What the environment says of a run: `ONLY=typename,byid PEERS=postberry,apollo ROUNDS=1 SCALE=0.1`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from tests.support import variables


@dataclass(frozen=True)
class Options:
    """How much is measured; nothing named is everything."""

    only: frozenset[str]
    peers: frozenset[str]
    rounds: int
    scale: float
    requests: int

    @classmethod
    def of(cls, environment: Mapping[str, str], cases: Iterable[str], peers: Iterable[str]) -> Self:
        """As they are typed; what is no case, no peer or no number ends the command."""
        return cls(
            only=variables.names(environment, "ONLY", cases),
            peers=variables.names(environment, "PEERS", peers),
            rounds=variables.whole(environment, "ROUNDS", 3),
            scale=variables.number(environment, "SCALE", 1, least=0.001),
            requests=variables.whole(environment, "REQUESTS", 0, least=0),
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
