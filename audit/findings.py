"""What an audit says, and how it says that something is wrong."""

import time
from collections.abc import Callable

Check = Callable[[], str]
"""Answers in a line what it looked at; FoundError says what is wrong with it."""

WIDTH = 14
"""Of the column of names."""


class FoundError(Exception):
    """What was found, in lines for whoever mends it."""

    def __init__(self, what: str, lines: list[str]) -> None:
        super().__init__(what)
        self.lines = lines


class StillRunningError(FoundError):
    """A tool did not end in time."""


def refuse(found: list[str], what: str) -> None:
    """Raise if there is anything."""
    if found:
        raise FoundError(what, found)


def reported(name: str, check: Check) -> bool:
    """Whether it found nothing; told in one line, and what it found in further ones."""
    began = time.monotonic()
    try:
        said = check()
    except FoundError as error:
        return failed(name, error, time.monotonic() - began)
    _print("ok", name, said, time.monotonic() - began)
    return True


def failed(name: str, error: FoundError, seconds: float = 0) -> bool:
    """False: it found this, which is told in the same way."""
    _print("FOUND", name, str(error), seconds)
    for line in error.lines:
        print(f"      {line}", flush=True)
    return False


def _print(outcome: str, name: str, said: str, seconds: float) -> None:
    print(f"{outcome:6}{name:{WIDTH}}{said}  ({seconds:.0f} s)", flush=True)
