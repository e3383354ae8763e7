"""Tokens as cookies: scripts read none of them but the one against cross-site requests."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import Response

from graphql_api.auth import ACCESS_COOKIE, CSRF_COOKIE, REFRESH_COOKIE
from schema import tokens
from schema.context import Cookies
from schema.secrets import bound
from schema.sessions import model as sessions
from settings.config import Settings


def set_cookies(response: Response, cookies: Cookies, settings: Settings) -> None:
    """Set the three cookies, or clear those that are empty: for the API alone, below the path of PUBLIC_URL."""
    access = bound(cookies.access, cookies.refresh) if cookies.access else ""
    _set(response, ACCESS_COOKIE, access, tokens.LIFETIME, settings)
    _set(response, REFRESH_COOKIE, cookies.refresh, sessions.LIFETIME, settings)
    _set(response, CSRF_COOKIE, cookies.csrf, sessions.LIFETIME, settings)


def _set(response: Response, name: str, value: str, lifetime: timedelta, settings: Settings) -> None:
    readable = name == CSRF_COOKIE
    above = urlsplit(settings.public_url).path.rstrip("/")
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()) if value else 0,
        path="/" if readable else f"{above}/graphql",
        secure=settings.is_production,
        httponly=not readable,
        samesite="strict",
    )
