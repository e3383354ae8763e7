"""Answers to GET that browsers and proxies may keep: to public queries by name, from who shows nothing of themselves.

Such a query reads what anybody may and changes nothing, so whose page a browser sends it for makes no difference: it
needs none of the headers that queries by GET need else, and which no link, image or proxy sends.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from graphql_api.caching.errors import NotPublicError

VARY = "Accept, Accept-Encoding, Authorization, Cookie"
"""Who shows who they are is answered with what is no cache's business. Where origins matter, CORS says so."""

_SAME_TO_ALL = ("requested", "actual")
"""Of what an answer cost; what is left of a budget is the client's own."""


def refuse_private(result: ExecutionResult) -> None:
    """NotPublicError if that is why there is no answer."""
    for error in result.errors or ():
        if isinstance(error.original_error, NotPublicError):
            raise error.original_error


def is_by_name(request: Request) -> bool:
    """Whether it is a GET, or a HEAD, that names its document."""
    return request.method != "POST" and not request.query_params.get("query")


def public_response(request: Request, body: Mapping[str, Any], seconds: int, content_type: str) -> Response:
    """The answer, or the word that the client has it already, for caches to keep for so many seconds."""
    cost = {name: body["extensions"]["cost"][name] for name in _SAME_TO_ALL}
    content = orjson.dumps({"data": body["data"], "extensions": {"cost": cost}})
    tag = f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'  # weak: it is the same however it is compressed
    headers = {"Cache-Control": f"public, max-age={seconds}", "ETag": tag, "Vary": VARY}
    if _has_already(request.headers.get("if-none-match", ""), tag):
        return Response(None, 304, headers)
    return Response(content, 200, headers, content_type)


def _has_already(tags: str, tag: str) -> bool:
    known = {each.strip().removeprefix("W/") for each in tags.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
