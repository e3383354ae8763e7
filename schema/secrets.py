"""Opaque tokens: random, and kept only as a hash."""

import hashlib
import secrets

BYTES = 32
"""256 random bits: nothing to guess, so a fast hash is enough to keep."""


def new_secret() -> str:
    """A token nobody can guess, fit for a URL."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of a token: who reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
