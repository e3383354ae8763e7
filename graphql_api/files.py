"""`/files/…`: the content of a file, for whoever has a URL that we signed.

A file may be more than the picture it begins as. So it is shown as what it was judged to be, and may do nothing.
"""

from collections.abc import AsyncIterator
from urllib.parse import quote

import structlog
from odmantic import ObjectId
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from graphql_api.services import Services
from schema.engine import Document
from schema.files import service as files
from schema.files.formats import BY_CONTENT_TYPE, named
from schema.files.model import PATH

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}

log = structlog.get_logger(__name__)


def routes() -> list[Route]:
    """The route, for GET and HEAD."""
    return [Route(PATH + "{id}", serve, methods=["GET"])]


async def serve(request: Request) -> Response:
    """The content, or nothing but a status: 403 for a URL that is not ours or over, 404 when the file is gone."""
    services: Services = request.state.services
    seconds = _seconds_left(services, request)
    file = await files.find(services.database, ObjectId(request.path_params["id"]))
    if file is None:
        raise HTTPException(404)
    headers = _headers(file, seconds)
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(file["size"])
    if request.method == "HEAD":
        return Response(headers=headers, media_type=file["content_type"])
    return StreamingResponse(await _content(services, file), headers=headers, media_type=file["content_type"])


def _seconds_left(services: Services, request: Request) -> int:
    given = request.query_params
    path, expires, signature = PATH + request.path_params["id"], given.get("expires", ""), given.get("signature", "")
    seconds = services.signed_urls.seconds_left(path, expires, signature)
    if not seconds:
        raise HTTPException(403)
    return seconds


def _headers(file: Document, seconds: int) -> dict[str, str]:
    return SECURITY_HEADERS | {
        "Cache-Control": f"private, max-age={seconds}, immutable",
        "Content-Disposition": _disposition(file),
        "ETag": f'"{file["sha256"]}"',
    }


def _disposition(file: Document) -> str:
    """RFC 6266: in place for images alone, and a name whose ending is no lie."""
    format_ = BY_CONTENT_TYPE[file["content_type"]]
    name = quote(named(file["name"], format_), safe="")
    return f"{'inline' if format_.is_image else 'attachment'}; filename*=UTF-8''{name}"


def _is_known(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in given.split(","))


async def _content(services: Services, file: Document) -> AsyncIterator[bytes]:
    try:
        return await services.storage.open(file["key"])
    except FileNotFoundError:
        log.error("a file's content is missing", file=str(file["_id"]), key=file["key"])  # noqa: TRY400  # no trace is needed
        raise HTTPException(404) from None
