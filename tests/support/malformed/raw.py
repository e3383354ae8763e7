"""Requests as the bytes that are sent."""

import json

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
JSON = b"Content-Type: application/json\r\n"


def post(body: bytes, head: bytes = JSON) -> bytes:
    """A request with this body."""
    return b"POST /graphql HTTP/1.1\r\n" + HEAD + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def graphql(query: str, variables: object = None, **fields: object) -> bytes:
    """A request with this document."""
    return post(json.dumps({"query": query, "variables": variables} | fields).encode())


def spread_fragments(length: int = 740) -> str:
    """A document of this length whose fragments spread each other twice: written out, it would have no end."""
    count = 1
    while len(_doubling(count + 1)) <= length:
        count += 1
    return _doubling(count).ljust(length)


def _doubling(count: int) -> str:
    spread = "".join(f"fragment F{n} on Query{{...F{n + 1} ...F{n + 1}}}" for n in range(count))
    return "{...F0}" + spread + f"fragment F{count} on Query{{__typename}}"
