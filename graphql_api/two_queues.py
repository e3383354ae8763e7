"""A cache that a flood of what is asked for once cannot wash out: 2Q, by Johnson and Shasha (VLDB 1994)."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

TRIAL = 10
"""One part in so many of the room is for what is new."""

MOST_DROPPED = 2_000
"""How many that did not stand their trial are known again."""


class TwoQueueCache(Generic[K, V]):
    """Keeps values of several sizes, none of them None, as long as there is `room`.

    What is new is on trial. What is asked for again in that time, or comes back soon after it was dropped, is proven,
    and only what is proven takes the place of what is proven, that used least recently. Keys need hashes of their own:
    those that objects have by their addresses come back with other objects.
    """

    def __init__(self, room: int) -> None:
        self._proven = _Queue[K, V](room)
        self._tried = _Queue[K, V](room // TRIAL)
        self._dropped: OrderedDict[int, None] = OrderedDict()

    @property
    def size(self) -> int:
        """Of all that is kept; up to TRIAL of the room more than that."""
        return self._proven.size + self._tried.size

    def get(self, key: K) -> V | None:
        """What was put there, if it is kept."""
        if (value := self._proven.used(key)) is not None:
            return value
        if (tried := self._tried.pop(key)) is None:
            return None
        value, size = tried
        self._keep(self._proven, key, value, size)
        return value

    def put(self, key: K, value: V, size: int) -> None:
        """Keep what is not there, and forget what has no room any more."""
        is_back = self._dropped.pop(hash(key), self) is None
        self._keep(self._proven if is_back else self._tried, key, value, size)

    def _keep(self, queue: "_Queue[K, V]", key: K, value: V, size: int) -> None:
        for dropped in queue.put(key, value, size):
            self._dropped[hash(dropped)] = None
            if len(self._dropped) > MOST_DROPPED:
                self._dropped.popitem(last=False)


class _Queue(Generic[K, V]):
    """The ones put or used last; the newest also if it is larger than all the room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.size = 0

    def used(self, key: K) -> V | None:
        if (found := self._kept.get(key)) is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def pop(self, key: K) -> tuple[V, int] | None:
        found = self._kept.pop(key, None)
        self.size -= found[1] if found else 0
        return found

    def put(self, key: K, value: V, size: int) -> Iterator[K]:
        """Yields what had to go."""
        self.pop(key)
        self._kept[key] = value, size
        self.size += size
        while self.size > self._room and len(self._kept) > 1:
            dropped, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed
            yield dropped
