"""When a job that failed is tried again."""

import random
from dataclasses import dataclass
from datetime import timedelta

HIGHEST_POWER = 50
"""An outage may have thousands of attempts: no float is that large."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off: `base` seconds, times `factor` for each further attempt, at most `cap`.

    Up to `jitter` of it is taken off at random, so that what failed together does not come back together.
    """

    attempts: int = 5
    base: float = 2
    factor: float = 4
    cap: float = 600
    jitter: float = 0.2

    def delay(self, attempt: int) -> timedelta:
        """How long to wait after this attempt, counted from 1."""
        seconds = min(self.cap, self.base * self.factor ** min(attempt - 1, HIGHEST_POWER))
        return timedelta(seconds=seconds * random.uniform(1 - self.jitter, 1))  # noqa: S311  (no secret)
