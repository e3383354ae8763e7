"""`python -m settings.alive`: whether the program that runs here lives, api or worker; the health check of containers.

Exit status 0: all of its processes turn their event loops. 1: one is stuck, or there is none. No port is asked and no
store: a program is not started again because MongoDB is away. Imports little, because it is run again and again.
"""

import fcntl
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PREFIX = "postberry-metrics-"
"""Of the folder, in that for temporary files, which the processes of one program share."""

SUFFIX = ".alive"
"""Of the file that a process of it touches every few seconds, and holds locked while it lives."""

LIMIT_SECONDS = 30.0
"""How old the last sign of a process may be: as long as the API's parent waits for one."""


@dataclass(frozen=True)
class Sign:
    """What a process said last: how many seconds ago, and whether it is still there."""

    pid: str
    age: float
    is_held: bool


def judge(signs: list[Sign]) -> str:
    """What is wrong, in a sentence; empty: nothing. A process that died is being replaced, which takes a while."""
    for sign in signs:
        if sign.is_held and sign.age > LIMIT_SECONDS:
            return f"Process {sign.pid} has given no sign of life for {sign.age:.0f} s."
    if not any(sign.age <= LIMIT_SECONDS for sign in signs):
        return "There is no process that gives signs of life."
    return ""


def look(folder: Path) -> Iterator[Sign]:
    """The signs of all programs whose folders for temporary files are in this one."""
    for path in folder.glob(f"{PREFIX}*/*{SUFFIX}"):
        try:
            with path.open("rb") as file:
                yield Sign(path.stem, time.time() - path.stat().st_mtime, _is_held(file.fileno()))
        except FileNotFoundError:  # its program has just ended in good order
            continue


def _is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def main() -> int:
    """The exit status; what is wrong is said on standard output."""
    fault = judge(list(look(Path(tempfile.gettempdir()))))
    sys.stdout.write(f"{fault or 'It lives.'}\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
