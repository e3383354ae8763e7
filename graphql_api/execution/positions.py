"""Where in an answer a value stands: the position of what it is in, the dict or list it stands in, its key there, and
whether it may be null. The answer itself has no position.
"""

from typing import Any

Position = tuple[Any, Any, str | int, bool]
"""The first is a Position as well, or None. A plain tuple: one is made for each object of an answer."""

PARENT, CONTAINER, KEY, IS_NULLABLE = range(4)


def path_of(position: Position | None) -> list[str | int]:
    """The keys that lead there."""
    keys: list[str | int] = []
    while position is not None:
        keys.append(position[KEY])
        position = position[PARENT]
    return keys[::-1]


def is_in_answer(position: Position | None) -> bool:
    """Whether what stands there is still part of the answer, so that nothing above it has become null."""
    while position is not None:
        parent, container, key, _ = position
        if isinstance(container, dict):
            if container.get(str(key)) is None:
                return False
        elif int(key) >= len(container) or container[key] is None:
            return False
        position = parent
    return True


def nearest_nullable(position: Position | None) -> Position | None:
    """Where the null ends up when there can be none at this position; None: the whole answer is null."""
    while position is not None and not position[IS_NULLABLE]:
        position = position[PARENT]
    return position
