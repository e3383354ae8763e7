"""Headers of a request as ASGI has them, by names in lower case: to look at a few is cheaper than to wrap them all."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first that the request has by this name."""
    for each, value in scope["headers"]:
        if each == name:
            text: str = value.decode("latin-1")
            return text
    return None


def headers(scope: Scope, name: bytes) -> list[str]:
    """All that it has by this name."""
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name]
