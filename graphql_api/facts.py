"""What the log and the metrics tell of a request: beyond its HTTP only in words of the schema, never the client's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection

from schema.context import Asked, Context

NONE = "none"
"""In place of a field: an error of the whole request. In place of a path: none of ours."""

OUR_FAULT = "INTERNAL_SERVER_ERROR"
"""The code of an error that no client has caused."""

PATH_LENGTH = 100
"""Characters of a path that are shown: ours are shorter."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class Facts:
    """Filled in while the request is answered."""

    user_id: str | None = None
    asked: Asked | None = None
    errors: Sequence[tuple[str, str]] = ()
    """Of each error the root field, or NONE, and the code."""

    status: int = 0
    """Of the answer over HTTP, once it has begun."""

    size: int = 0
    """Of its body, in bytes."""

    waited: float = 0.0
    """Seconds until it began."""

    seconds: float = 0.0
    """Until all of it was out."""

    @property
    def operation(self) -> str | None:
        """query, mutation or subscription; None if nothing was executed."""
        return (self.asked and self.asked.operation) or None

    @property
    def fields(self) -> list[str]:
        """The root fields that were asked for."""
        return sorted(set(self.asked.fields.values())) if self.asked else []

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return sorted({code for _, code in self.errors})

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Of each value of an input that was refused the mutation and the code."""
        return self.asked.refused if self.asked else []

    def came_from(self, context: Context) -> None:
        """Note whose request it is, and what it will have asked for."""
        self.user_id = str(context.viewer.id) if context.viewer else None
        self.asked = context.asked

    def failed_with(self, errors: Sequence[Mapping[str, Any]]) -> None:
        """Note the errors of the answer."""
        self.errors = [(self._field(error.get("path")), error["extensions"]["code"]) for error in errors]

    def _field(self, path: Sequence[str | int] | None) -> str:
        return self.asked.fields.get(str(path[0]), NONE) if path and self.asked else NONE


def facts_of(connection: HTTPConnection) -> Facts:
    """Those of the request."""
    facts: Facts = connection.scope["state"]["facts"]
    return facts


def folded_method(method: str) -> str:
    """The method, unless a client made one up."""
    return method if method in METHODS else "other"


def shown_path(path: str) -> str:
    """The path as it can stand anywhere, and not longer than ours are."""
    return quote(path[:PATH_LENGTH], safe="/-._~:@!$&'()*+,;=")
