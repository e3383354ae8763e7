"""`/unsubscribe/…`: no more announcements, for whoever has the link of one.

To open the link changes nothing, as programs open links, too: a click on its page posts, and so do mail programs by
themselves (RFC 8058).
"""

from odmantic import ObjectId
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from graphql_api.services import Services
from schema.announcements import service as announcements
from schema.announcements.model import UNSUBSCRIBE

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Announcements</title>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">{content}</body>
</html>
"""
_ASK = '<form method="post"><p>No more announcements?</p><button>Unsubscribe</button></form>'
_DONE = "<p>You will get no more announcements.</p>"


def routes() -> list[Route]:
    """The routes."""
    return [
        Route(UNSUBSCRIBE + "{id}", ask, methods=["GET"]),
        Route(UNSUBSCRIBE + "{id}", unsubscribe, methods=["POST"]),
    ]


async def ask(request: Request) -> Response:
    """A page with a button."""
    _require_signature(request)
    return HTMLResponse(_PAGE.format(content=_ASK), headers=HEADERS)


async def unsubscribe(request: Request) -> Response:
    """Done, however often it is asked for; what is posted does not matter, and is not read."""
    services = _require_signature(request)
    await announcements.unsubscribe(services.database, ObjectId(request.path_params["id"]))
    return HTMLResponse(_PAGE.format(content=_DONE), headers=HEADERS)


def _require_signature(request: Request) -> Services:
    """403 for a URL that is not ours, or over."""
    services: Services = request.state.services
    given, path = request.query_params, UNSUBSCRIBE + request.path_params["id"]
    if not services.signed_urls.seconds_left(path, given.get("expires", ""), given.get("signature", "")):
        raise HTTPException(403)
    return services
