"""The documents that one process remembers by their hashes."""

import sys
from collections import OrderedDict

MOST = 1_000
"""How many are remembered, the ones used last."""

ROOM = 4_000_000
"""Bytes that they may take together."""


class Memory:
    """Bounded by number and by bytes."""

    def __init__(self, most: int = MOST, room: int = ROOM) -> None:
        self._most, self._room = most, room
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    def get(self, digest: str) -> str | None:
        """The text of this hash, if it is remembered."""
        if (text := self._texts.get(digest)) is not None:
            self._texts.move_to_end(digest)
        return text

    def put(self, digest: str, text: str) -> None:
        """Remember it; what was not used for longest is forgotten."""
        if digest in self._texts:
            return
        self._texts[digest] = text
        self._size += sys.getsizeof(text)
        while len(self._texts) > self._most or self._size > self._room:
            _, forgotten = self._texts.popitem(last=False)
            self._size -= sys.getsizeof(forgotten)
