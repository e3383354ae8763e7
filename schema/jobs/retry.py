"""When a job that failed is tried again."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off: `base` seconds times `factor` for each attempt, at most `cap`, give or take `jitter`."""

    attempts: int = 5
    base: float = 2
    factor: float = 4
    cap: float = 3600
    jitter: float = 0.2

    def delay(self, attempt: int) -> timedelta:
        """How long to wait after this attempt, counted from 1."""
        seconds = min(self.cap, self.base * self.factor ** (attempt - 1))
        return timedelta(seconds=seconds * random.uniform(1 - self.jitter, 1 + self.jitter))  # noqa: S311  (no secret)
