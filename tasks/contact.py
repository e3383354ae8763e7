"""How long this worker has been in touch with MongoDB: whether it may judge that another one is dead."""

import time
from collections.abc import Callable

SILENCE_SECONDS = 8.0
"""After so long without an answer MongoDB may have been away, so that nobody could renew a lease or note an outcome.

A busy worker asks every six seconds, to renew; a lease was good for nine more when the silence began.
"""

STEADY_SECONDS = 6.0
"""How long who lives may do so first when MongoDB is back: every worker renews its leases within this time."""


class Contact:
    """The answers of MongoDB to one worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._since = self._last - STEADY_SECONDS

    def answered(self) -> None:
        """MongoDB has answered just now."""
        now = self._clock()
        if now - self._last > SILENCE_SECONDS:
            self._since = now
        self._last = now

    def is_steady(self) -> bool:
        """Whether a lease that has ended means that its worker is dead, and not that MongoDB was away, or we asleep."""
        now = self._clock()
        return now - self._last <= SILENCE_SECONDS and now - self._since >= STEADY_SECONDS
