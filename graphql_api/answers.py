"""Answers of the endpoint: what they say of themselves is written once."""

from collections.abc import Mapping

from starlette.responses import Response

from graphql_api.caching.http import VARY

GRAPHQL_JSON = "application/graphql-response+json"

_HEADERS = [(b"cache-control", b"no-store"), (b"vary", VARY.encode())]
"""Of every answer: no cache may give one client's to another."""

CONTENT_TYPES = {False: "application/json; charset=utf-8", True: f"{GRAPHQL_JSON}; charset=utf-8"}
"""The plain one, and the specification's."""

_CONTENT_TYPES = {is_graphql: (b"content-type", text.encode()) for is_graphql, text in CONTENT_TYPES.items()}


class GraphQLResponse(Response):
    """JSON in the specification's media type, or in the plain one."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str], *, is_graphql: bool) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        own = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        size = (b"content-length", str(len(body)).encode())
        self.raw_headers = [*_HEADERS, _CONTENT_TYPES[is_graphql], size, *own]
