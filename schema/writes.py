"""Which collections a transaction writes to, as the driver tells it: nobody who writes has to think of saying so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pymongo import monitoring
from pymongo.monitoring import CommandListener
from typing_extensions import override

_COMMANDS = frozenset({"insert", "update", "delete", "findAndModify"})
"""Those that write; each names its collection first."""

_written: ContextVar[set[str] | None] = ContextVar("written", default=None)


@contextmanager
def noted() -> Iterator[set[str]]:
    """The names of the collections that are written to within, by this task and those it makes."""
    written: set[str] = set()
    token = _written.set(written)
    try:
        yield written
    finally:
        _written.reset(token)


class Writes(CommandListener):
    """Tells `noted`; the driver calls it in the task that writes."""

    @override
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in _COMMANDS and (written := _written.get()) is not None:
            written.add(event.command[event.command_name])

    @override
    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    @override
    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...
