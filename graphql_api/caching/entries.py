"""An answer as Redis keeps it: signed, because whoever can write there shall not tell our clients what things cost."""

import hashlib
from dataclasses import dataclass
from hmac import compare_digest
from typing import NamedTuple

_SIZE = 16
"""Bytes of a signature."""


class Answer(NamedTuple):
    """The `data` of an answer without errors as JSON, and what it cost."""

    data: bytes
    cost: int


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs entries, with 64 bytes or fewer."""

    key: bytes

    def closed(self, name: str, versions: bytes, answer: Answer) -> bytes:
        """The entry of this name: an answer, and the versions of what it was made from."""
        content = b"%b %d\n%b" % (versions, answer.cost, answer.data)
        return self._signature(name, content) + content

    def opened(self, name: str, versions: bytes, entry: bytes) -> Answer | None:
        """The answer, if it was made from these versions; None for what was not closed here by this name."""
        signature, content = entry[:_SIZE], entry[_SIZE:]
        head, _, data = content.partition(b"\n")
        made_from, _, cost = head.rpartition(b" ")
        if made_from != versions or not compare_digest(signature, self._signature(name, content)):
            return None
        return Answer(data, int(cost))

    def _signature(self, name: str, content: bytes) -> bytes:
        return hashlib.blake2b(name.encode() + b"\n" + content, digest_size=_SIZE, key=self.key).digest()
