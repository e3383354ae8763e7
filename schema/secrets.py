"""Opaque tokens: random, and kept only as a hash."""

import hashlib
import hmac
import secrets

BYTES = 32
"""256 random bits: nothing to guess, so a fast hash is enough to keep."""


def new_secret() -> str:
    """A token nobody can guess, fit for a URL."""
    return secrets.token_urlsafe(BYTES)


def csrf_token(refresh_token: str) -> str:
    """The token against cross-site requests that goes with a refresh cookie: only who has the cookie can tell it."""
    return digest(f"csrf:{refresh_token}")


def bound(access_token: str, refresh_token: str) -> str:
    """The access token as a cookie: good beside the refresh cookie it was issued with, and beside no other."""
    return f"{access_token}.{_seal(access_token, refresh_token)}"


def unbound(cookie: str, refresh_token: str) -> str | None:
    """The access token of such a cookie; None if it was not issued with this refresh token."""
    access_token, _, seal = cookie.rpartition(".")
    right = _seal(access_token, refresh_token)
    return access_token if hmac.compare_digest(seal.encode(), right.encode()) else None


def _seal(access_token: str, refresh_token: str) -> str:
    return hmac.new(refresh_token.encode(), access_token.encode(), hashlib.sha256).hexdigest()


def digest(secret: str) -> str:
    """What is kept of a token: who reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
