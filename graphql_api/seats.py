"""How many sockets each client has open in this process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Seats:
    """So many for each holder: a user, or the address of somebody who is not signed in."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = Counter[str]()

    @contextmanager
    def seat(self, holder: str) -> Iterator["Seat | None"]:
        """One of theirs, until the end of the block; None: all are taken."""
        seat = Seat(self)
        try:
            yield seat if seat.take(holder) else None
        finally:
            seat.leave()

    def take(self, holder: str) -> bool:
        """Whether there is one for them; then it is taken."""
        is_free = self._taken[holder] < self._most
        self._taken[holder] += is_free
        return is_free

    def leave(self, holder: str) -> None:
        """It is free again."""
        self._taken[holder] -= 1
        if not self._taken[holder]:
            del self._taken[holder]


class Seat:
    """One socket's, which goes from the address to the user once that is known."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._holder: str | None = None

    def take(self, holder: str) -> bool:
        """Whether there is one for this holder; then the one before is free again."""
        if not self._seats.take(holder):
            return False
        self.leave()
        self._holder = holder
        return True

    def leave(self) -> None:
        """It is free again."""
        if self._holder is not None:
            self._seats.leave(self._holder)
        self._holder = None
