"""Where in an answer a value stands.

A position is that of what the value is in, the dict or list it stands in, its key there, and whether it may be null.
The answer itself has none.
"""

from typing import Any

Position = tuple[Any, Any, Any, bool]
"""The first is a Position as well, or None. A plain tuple: one is made for each object of an answer."""


def path_of(position: Position | None) -> list[str | int]:
    """The keys that lead there."""
    keys: list[str | int] = []
    while position is not None:
        position, _, key, _ = position
        keys.append(key)
    return keys[::-1]


def is_in_answer(position: Position | None) -> bool:
    """Whether what stands there is still part of the answer, so that nothing above it has become null."""
    while position is not None:
        position, container, key, _ = position
        if isinstance(container, dict):
            if container.get(str(key)) is None:
                return False
        elif int(key) >= len(container) or container[key] is None:
            return False
    return True


def nearest_nullable(position: Position | None) -> Position | None:
    """Where the null ends up when there can be none at this position; None: the whole answer is null."""
    while position is not None and not position[3]:
        position = position[0]
    return position
