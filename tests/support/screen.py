"""What of all that the programs of `make run` say is shown, and how."""

import sys
from collections.abc import Callable

from honcho.printer import Message, Printer  # type: ignore[import-untyped]  # Honcho ships no types

OWN_PROBE = "make-run-is-waiting"
"""The request id of what the runner itself asks: its lines are in the files only."""


class Screen(Printer):  # type: ignore[misc]  # Honcho ships no types
    """Honcho's printer, without the time: the lines of our programs have theirs. `hear` is told each line."""

    def __init__(self, hear: Callable[[str, str], None]) -> None:
        super().__init__(sys.stdout, time_format="")
        self._hear = hear

    def write(self, message: Message) -> None:
        """Show one line."""
        text = message.data.decode(errors="replace") if isinstance(message.data, bytes) else message.data
        self._hear(message.name, text)
        if OWN_PROBE not in text:
            super().write(message)
