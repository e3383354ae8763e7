"""Opaque tokens: random, and kept only as a hash."""

import hashlib
import secrets

BYTES = 32
"""256 random bits: nothing to guess, so a fast hash is enough to keep."""


def new_secret() -> str:
    """A token nobody can guess, fit for a URL."""
    return secrets.token_urlsafe(BYTES)


def csrf_token(refresh_token: str) -> str:
    """The token against cross-site requests that goes with a refresh cookie: only who has the cookie can tell it."""
    return digest(f"csrf:{refresh_token}")


def digest(secret: str) -> str:
    """What is kept of a token: who reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
