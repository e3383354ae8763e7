"""Tokens as cookies: scripts read none of them but the one against cross-site requests."""

from datetime import timedelta

from starlette.responses import Response

from graphql_api.auth import ACCESS_COOKIE, CSRF_COOKIE, REFRESH_COOKIE
from schema import tokens
from schema.context import Cookies
from schema.secrets import bound
from schema.sessions import model as sessions


def set_cookies(response: Response, cookies: Cookies, *, secure: bool) -> None:
    """Set the three cookies, or clear those that are empty."""
    access = bound(cookies.access, cookies.refresh) if cookies.access else ""
    _set(response, ACCESS_COOKIE, access, tokens.LIFETIME, secure=secure)
    _set(response, REFRESH_COOKIE, cookies.refresh, sessions.LIFETIME, secure=secure)
    _set(response, CSRF_COOKIE, cookies.csrf, sessions.LIFETIME, secure=secure)


def _set(response: Response, name: str, value: str, lifetime: timedelta, *, secure: bool) -> None:
    readable = name == CSRF_COOKIE
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()) if value else 0,
        path="/" if readable else "/graphql",
        secure=secure,
        httponly=not readable,
        samesite="strict",
    )
