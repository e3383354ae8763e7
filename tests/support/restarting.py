"""A program that is started anew on SIGHUP, for Procfile.dev: `python -m tests.support.restarting python -m tasks`.

It may finish what it does first. One that does not come up again, because what was changed has a fault, is tried again
at the next SIGHUP; one that ends before the first ends this too.
"""

import signal
import subprocess
import sys
from collections.abc import Sequence
from queue import SimpleQueue

from tests.support.processes import tether

_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class Restarting:
    """A running program, and what it has been told."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = argv
        self._process = _started(argv)
        self._was_changed = self._is_due = self._is_ending = False

    def hear(self, number: int) -> int | None:
        """Do what a signal says; the exit status once all is over."""
        if number == signal.SIGHUP:
            self._tell(signal.SIGTERM)
            self._was_changed = self._is_due = True
        elif number != signal.SIGCHLD:
            self._tell(number)
            self._is_ending = True
        return None if self._process.poll() is None else self._after_the_end()

    def _tell(self, number: int) -> None:
        """Once: to be told twice would mean to cut off what it does."""
        if not (self._is_due or self._is_ending):
            self._process.send_signal(number)

    def _after_the_end(self) -> int | None:
        status = self._process.returncode
        if self._is_ending or not self._was_changed:
            return 128 - status if status < 0 else int(status)
        if self._is_due:
            self._process, self._is_due = _started(self._argv), False
        else:
            sys.stderr.write(f"ended with status {status}: it is tried again at the next change\n")
        return None


def main(argv: Sequence[str]) -> int:
    """Run until it is told to end: the program's exit status."""
    heard: SimpleQueue[int] = SimpleQueue()
    for number in _SIGNALS:
        signal.signal(number, lambda number, _: heard.put(number))
    program = Restarting(argv)
    while (status := program.hear(heard.get())) is None:
        pass
    return status


def _started(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own, for a signal to ours reaches it through us."""
    return subprocess.Popen(
        argv,
        process_group=0,
        preexec_fn=tether(signal.SIGTERM),  # noqa: PLW1509  # there are no threads
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
