"""What a command is told, as in `make bench ROUNDS=3 ONLY=byid`, read before anything is started.

What cannot be ends the command, with one sentence and status 2. A variable that is empty says nothing.
"""

import math
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn

Environment = Mapping[str, str]


def whole(environment: Environment, name: str, default: int, *, least: int = 1) -> int:
    """The whole number of this name."""
    text = environment.get(name) or str(default)
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    return value if value >= least else _refuse(name, text, f"is a whole number from {least}")


def number(environment: Environment, name: str, default: float, *, least: float = 0) -> float:
    """The number of this name, with or without a fraction."""
    text = environment.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    return value if least <= value < math.inf else _refuse(name, text, f"is a number from {least:g}")


def names(environment: Environment, name: str, known: Iterable[str]) -> frozenset[str]:
    """What this names of all that is known, with commas between; nothing named is nothing."""
    text, possible = environment.get(name, ""), list(known)
    named = frozenset(filter(None, map(str.strip, text.split(","))))
    return named if named <= set(possible) else _refuse(name, text, f"names some of {', '.join(possible)}")


def refuse(sentence: str) -> NoReturn:
    """End the command, because it was called wrongly."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)


def _refuse(name: str, text: str, rule: str) -> NoReturn:
    refuse(f"{name}={text} cannot be: {name} {rule}.")
