"""Our own programs, each in a process of its own: what it costs to ask is not what is measured."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast


class ProgramError(Exception):
    """One that ended without an answer; it has said why."""


@contextmanager
def started(name: str, told: Mapping[str, Any]) -> Iterator[IO[str]]:
    """What the module of this name says, line by line, to what it is told."""
    command = [sys.executable, "-m", f"{__package__}.{name}", json.dumps(told)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield cast("IO[str]", program.stdout)
        finally:
            program.terminate()


def line_of(said: IO[str]) -> str:
    """The next line of it."""
    line = said.readline()
    if not line:
        raise ProgramError("A program ended without an answer, it has said above why.")
    return line.strip()


def answer_of(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """What it answers in JSON."""
    with started(name, told) as said:
        return dict(json.loads(line_of(said)))
