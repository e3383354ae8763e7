"""The console, served by the API itself: one page, whatever its address below `/console`."""

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from graphql_api.pages.assets import PAGE_HEADERS, entry, mounted

STATIC_DIR = Path(__file__).parent / "static"
DOCUMENTS = STATIC_DIR / "documents.json"
"""All that the console asks, by the ids it asks by: for a server of trusted documents."""

PATH = "/console"
ASSETS_PATH = f"{PATH}/assets"

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
HEADERS = PAGE_HEADERS | {"Content-Security-Policy": "; ".join(_POLICY)}

_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <meta name="color-scheme" content="light dark">{mailbox}
    <title>Console · Postberry</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{style}">
    <script type="module" src="{script}"></script>
  </head>
  <body>
    <div id="console"></div>
    <noscript>The console needs JavaScript.</noscript>
  </body>
</html>
"""

_NOT_BUILT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>The console is not built · Postberry</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>The console is not built</h1>
    <p>Run <code>make console</code> and reload this page. The API itself works without it.</p>
  </body>
</html>
"""


def routes(mailbox: str | None, static_dir: Path = STATIC_DIR) -> list[BaseRoute]:
    """The page and what it loads; `mailbox` is where it finds letters as received, if anywhere."""
    meta = f'\n    <meta name="mailbox" content="{escape(mailbox)}">' if mailbox else ""

    async def page(request: Request) -> Response:
        links = entry(request, ASSETS_PATH, static_dir)
        if links is None:
            return HTMLResponse(_NOT_BUILT, status_code=404, headers=HEADERS)
        return HTMLResponse(_PAGE.format(**links, mailbox=meta), headers=HEADERS)

    return [
        mounted(ASSETS_PATH, static_dir, "console-assets"),
        Route(PATH, page, methods=["GET"]),
        Route(f"{PATH}/{{page:path}}", page, methods=["GET"]),
    ]
