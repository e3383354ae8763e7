"""GraphiQL, served by the API itself: nothing of it comes from another host."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount

from graphql_api.pages.assets import PAGE_HEADERS, entry, mounted

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
HEADERS = PAGE_HEADERS | {"Content-Security-Policy": "; ".join(_POLICY), "Vary": "Accept"}

_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>GraphiQL · Postberry</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{style}">
    {preload}
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
    return [mounted(ASSETS_PATH, static_dir, "graphiql-assets")]


async def graphiql(request: Request, static_dir: Path = STATIC_DIR) -> Response:
    """The GraphiQL page, for the endpoint to answer a browser with. Its requests go to the address it is shown at."""
    links = entry(request, ASSETS_PATH, static_dir)
    if links is None:
        return HTMLResponse(_NOT_BUILT, status_code=404, headers=HEADERS)
    return HTMLResponse(_PAGE.format(**links), headers=HEADERS)
