"""GraphiQL, served by the API itself: nothing of it comes from another host."""

import re
from os import PathLike, stat_result
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

STATIC_DIR = Path(__file__).parent / "static"
ASSETS_PATH = "/graphiql/assets"

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    # The editor, Monaco, places each line with a style attribute and writes its theme into a <style> it creates.
    # It takes neither a nonce nor a hash for them. Scripts get no such freedom.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
PAGE_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ASSET_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
"""What may be served. The types are our own, because those of the `mimetypes` module differ between machines."""

_HASHED_NAME = re.compile(r"-[A-Z0-9]{8}\.[a-z]+$")

_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>GraphiQL · Postberry</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{style}">
    <script type="module" src="{script}"></script>
  </head>
  <body>
    <div id="graphiql">Loading GraphiQL…</div>
    <noscript>GraphiQL needs JavaScript.</noscript>
  </body>
</html>
"""

_NOT_BUILT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>GraphiQL is not built · Postberry</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>GraphiQL is not built</h1>
    <p>Run <code>make graphiql</code> and reload this page. The API itself works without it.</p>
  </body>
</html>
"""


def routes(static_dir: Path = STATIC_DIR) -> list[Mount]:
    """The files that the page loads, under `/graphiql/assets`."""
    return [Mount(ASSETS_PATH, app=_Assets(directory=static_dir, check_dir=False), name="graphiql-assets")]


async def graphiql(request: Request, static_dir: Path = STATIC_DIR) -> Response:
    """The GraphiQL page, for the endpoint to answer a browser with. Its requests go to the address it is shown at."""
    script, style = _entry(static_dir, "main-*.js"), _entry(static_dir, "main-*.css")
    if script is None or style is None:
        return HTMLResponse(_NOT_BUILT, status_code=404, headers=PAGE_HEADERS)
    assets = request.scope.get("root_path", "") + ASSETS_PATH
    return HTMLResponse(_PAGE.format(script=f"{assets}/{script}", style=f"{assets}/{style}"), headers=PAGE_HEADERS)


def _entry(static_dir: Path, pattern: str) -> str | None:
    return next((path.name for path in static_dir.glob(pattern)), None)


class _Assets(StaticFiles):
    """Files of known types, for good where their name carries a hash of their content."""

    @override
    async def check_config(self) -> None:
        """Nothing: a folder that is not built yet answers 404 and is no fault."""

    @override
    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(full_path)
        if path.suffix not in CONTENT_TYPES:
            raise HTTPException(404)
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Type"] = CONTENT_TYPES[path.suffix]
        response.headers["Cache-Control"] = _cache_control(path.name)
        response.headers.update(ASSET_HEADERS)
        return response


def _cache_control(name: str) -> str:
    return "public, max-age=31536000, immutable" if _HASHED_NAME.search(name) else "no-cache"
