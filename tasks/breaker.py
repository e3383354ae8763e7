"""A circuit breaker: a server that is away is left alone, and asked by one job at a time whether it is back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from tasks.errors import JobError, OutageError, TemporaryError

FAILURES = 5
"""After so many in a row the server is paused."""

PAUSE_SECONDS = 5.0
"""How long nobody asks a paused server."""

log = structlog.get_logger(__name__)


class Breaker:
    """Stands before one server. While that is paused, jobs fail at once and with `code`, instead of each waiting."""

    def __init__(self, code: str, pause: float = PAUSE_SECONDS) -> None:
        self._code = code
        self._pause = pause
        self._failures = 0
        self._reason = ""
        self._retry_at = 0.0
        self._is_probed = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one job's use of the server: refuses it during a pause, and learns from how it ends."""
        is_probe = self._admit()
        try:
            yield
        except OutageError as error:
            self._failed(error)
            raise
        except JobError:
            self._answered()
            raise
        else:
            self._answered()
        finally:
            self._is_probed = self._is_probed and not is_probe

    @property
    def is_paused(self) -> bool:
        """Whether the server is left alone, but for probes."""
        return self._failures >= FAILURES

    def _admit(self) -> bool:
        """Whether this job is the one that asks a paused server."""
        if not self.is_paused:
            return False
        if self._is_probed or asyncio.get_running_loop().time() < self._retry_at:
            raise TemporaryError(self._code, f"paused after {FAILURES} failures in a row: {self._reason}")
        self._is_probed = True
        return True

    def _failed(self, error: OutageError) -> None:
        self._failures += 1
        self._reason = str(error)
        self._retry_at = asyncio.get_running_loop().time() + self._pause
        if self._failures == FAILURES:
            log.warning("server paused, jobs wait until it is back", error=error.code, detail=error.detail)

    def _answered(self) -> None:
        if self.is_paused:
            log.warning("server is back")
        self._failures = 0
