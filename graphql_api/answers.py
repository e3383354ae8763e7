"""Answers of the endpoint: what they say of themselves is written once."""

from collections.abc import Mapping

from starlette.responses import Response

GRAPHQL_JSON = "application/graphql-response+json"

_HEADERS = [(b"cache-control", b"no-store"), (b"vary", b"Accept, Accept-Encoding, Authorization, Cookie")]
"""Of every answer: no cache may give one client's to another."""

_PLAIN = [*_HEADERS, (b"content-type", b"application/json; charset=utf-8")]
_GRAPHQL = [*_HEADERS, (b"content-type", GRAPHQL_JSON.encode() + b"; charset=utf-8")]


class GraphQLResponse(Response):
    """JSON in the specification's media type, or in the plain one."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str], *, is_graphql: bool) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        own = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        size = (b"content-length", str(len(body)).encode())
        self.raw_headers = [*(_GRAPHQL if is_graphql else _PLAIN), size, *own]
