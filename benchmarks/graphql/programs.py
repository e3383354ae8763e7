"""Our own programs, each in a process of its own: what it costs to ask is not what is measured."""

import json
import subprocess
import sys
from typing import Any


class ProgramError(Exception):
    """One that ended without an answer; it has said why."""


def answer_of(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """What the module of this name says, in JSON, to what it is told."""
    command = [sys.executable, "-m", f"{__package__}.{name}", json.dumps(told)]
    program = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if program.returncode:
        raise ProgramError(f"{name} has failed, see above.")
    return dict(json.loads(program.stdout))
