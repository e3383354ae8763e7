"""Headers of a request as ASGI has them, by names in lower case: to look at a few is cheaper than to wrap them all."""

from starlette.types import Scope

_FIRST = "postberry.headers"


def header(scope: Scope, name: bytes) -> str | None:
    """The first that the request has by this name."""
    by_name = scope.get(_FIRST)
    if by_name is None:
        by_name = scope[_FIRST] = dict(reversed(scope["headers"]))
    value: bytes | None = by_name.get(name)
    return None if value is None else value.decode("latin-1")


def headers(scope: Scope, name: bytes) -> list[str]:
    """All that it has by this name."""
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name]


def takes(scope: Scope, media_type: str) -> bool:
    """Whether its Accept names this type."""
    return media_type in (header(scope, b"accept") or "")
