"""A GraphQL request as it comes over HTTP: checked for its form before anything looks at its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from graphql_api.headers import headers

PREFLIGHT_HEADERS = ("Authorization", "X-CSRF-Token", "Apollo-Require-Preflight", "GraphQL-Require-Preflight")
"""A link or a form on somebody else's page can send requests, with our cookies, but none with these headers."""

MOST_BYTES = 128 * 1024
"""The largest body of a request, in bytes."""


BY_GET = "A query by GET"
"""Unless it is public and named."""


class MalformedRequest(Exception):  # noqa: N818
    """A request that is no GraphQL request: the HTTP status and what to tell the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to run."""

    query: str
    """Empty: the document is named by one of the last two."""

    variables: dict[str, Any] | None
    operation_name: str | None
    document_id: str | None = None
    digest: str | None = None
    """What the client says is the SHA-256 of the document, sent along or not."""


async def from_body(request: Request, kind: str) -> GraphQLRequest:
    """The request of a POST whose body claims to be of that media type."""
    if kind != "application/json":
        raise MalformedRequest(415, "Send the request as application/json.")
    return checked(parse_json(await _read(request), "The body"))


def require_preflight(request: Request, what: str) -> None:
    """Refuse what a page of somebody else's could have sent without the browser asking us first."""
    if not is_preflighted(request):
        raise MalformedRequest(400, f"{what} needs one of the headers {', '.join(PREFLIGHT_HEADERS)}.")


def is_preflighted(request: Request) -> bool:
    """Whether no page of somebody else's could have sent it without the browser asking us first."""
    return any(name in request.headers for name in PREFLIGHT_HEADERS)


def from_url(request: Request) -> GraphQLRequest:
    """The request of a GET. Of one that names its document it is to be seen yet whether that is public."""
    parameters: dict[str, Any] = dict(request.query_params)
    if parameters.get("query"):
        require_preflight(request, BY_GET)
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = parse_json(parameters[name].encode(), f"The parameter {name}")
    return checked(parameters)


def media_type(request: Request) -> str:
    """What the body claims to be, without parameters; nothing where it claims several things."""
    claims = headers(request.scope, b"content-type")
    return claims[0].partition(";")[0].strip().lower() if len(claims) == 1 else ""


async def _read(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise MalformedRequest(413, f"The body is larger than {MOST_BYTES} bytes.")
    except ClientDisconnect:
        raise MalformedRequest(400, "The request was cut off.") from None
    return bytes(body)


def parse_json(text: bytes, what: str) -> Any:  # noqa: ANN401  (JSON is anything)
    """The JSON of the client; MalformedRequest says of what it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(400, f"{what} is not JSON: {error.msg}.") from None


def checked(fields: Any) -> GraphQLRequest:  # noqa: ANN401  (JSON is anything)
    """The operation these fields are; MalformedRequest if they are none."""
    if not isinstance(fields, Mapping):
        raise MalformedRequest(400, "The request must be one JSON object.")
    query = _typed(fields, "query", str, "a string") or ""
    document_id, digest = _typed(fields, "documentId", str, "a string"), _digest(fields)
    if not (query or document_id or digest):
        raise MalformedRequest(400, "The request has no query.")
    if query and document_id:
        raise MalformedRequest(400, "Send `query` or `documentId`, not both.")
    variables = _typed(fields, "variables", dict, "an object")
    operation_name = _typed(fields, "operationName", str, "a string")
    return GraphQLRequest(query, variables, operation_name, document_id, digest)


def _digest(fields: Mapping[str, Any]) -> str | None:
    """Of Apollo's automatic persisted queries."""
    persisted = _typed(_typed(fields, "extensions", dict, "an object") or {}, "persistedQuery", dict, "an object")
    if persisted is None:
        return None
    digest: str | None = _typed(persisted, "sha256Hash", str, "a string")
    if not digest or persisted.get("version") != 1:
        raise MalformedRequest(400, "`persistedQuery` must have `version` 1 and a `sha256Hash`.")
    return digest


def _typed(fields: Mapping[str, Any], name: str, kind: type, what: str) -> Any:  # noqa: ANN401  (JSON is anything)
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        raise MalformedRequest(400, f"`{name}` must be {what}.")
    return value
