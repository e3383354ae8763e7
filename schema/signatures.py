"""URLs that are good for a while: whoever was given one may open it, and nobody can write one."""

import hashlib
import hmac
import re
import time
from dataclasses import dataclass, field
from typing import Self

STEP = 3600
"""Seconds during which the same URL is given, so that browsers find it in their caches."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def key_of(secret: str) -> bytes:
    """The key for signatures that belongs to a secret, and is of no use for anything else the secret protects."""
    return hashlib.sha256(f"files:{secret}".encode()).digest()


@dataclass(frozen=True, slots=True)
class SignedUrls:
    """Writes and checks URLs below `base`. The first key signs; any verifies, so that a secret can be changed."""

    base: str
    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, base: str, secret: str, previous: str | None = None) -> Self:
        """URLs signed with a secret, and good by the one before it, too."""
        return cls(base, tuple(key_of(each) for each in (secret, previous) if each))

    def sign(self, path: str, hours: int = 1) -> str:
        """The URL of a path like `/files/1`, good for so many hours, or up to one more."""
        expires = (int(time.time()) // STEP + 1 + hours) * STEP
        return f"{self.base}{path}?expires={expires}&signature={_signature(self.keys[0], path, str(expires))}"

    def seconds_left(self, path: str, expires: str, signature: str) -> int:
        """How long the URL is good from now on; 0: it is not."""
        if not _SECONDS.fullmatch(expires) or not self._is_ours(path, expires, signature):
            return 0
        return max(0, int(expires) - int(time.time()))

    def _is_ours(self, path: str, expires: str, signature: str) -> bool:
        given = signature.encode(errors="surrogatepass")
        valid = [hmac.compare_digest(given, _signature(key, path, expires).encode()) for key in self.keys]
        return any(valid)


def _signature(key: bytes, path: str, expires: str) -> str:
    return hmac.digest(key, f"{path}\n{expires}".encode(errors="surrogatepass"), "sha256").hex()
