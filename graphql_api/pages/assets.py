"""What a page loads: files of known types from one folder, under headers as strict as can be."""

import re
from os import PathLike, stat_result
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from graphql_api.pages.packed import is_taken, packed

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of the page itself, beside its own Content-Security-Policy."""

ASSET_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
"""What may be served. The types are our own, because those of the `mimetypes` module differ between machines."""

_HASHED_NAME = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z]+$")


def mounted(path: str, static_dir: Path, name: str) -> Mount:
    """The files of a folder, which need not be there yet."""
    return Mount(path, app=_Assets(directory=static_dir, check_dir=False), name=name)


def entry(request: Request, assets_path: str, static_dir: Path) -> dict[str, str] | None:
    """The `script`, the `style` and the `preload` that a page begins with; None if it is not built.

    They are relative to the page's address, for a proxy may have put us below a path of its own. The parts of a script
    are named by the page, for the browser to ask for all at once: it would learn of them one after the other.
    """
    script, style = _found(static_dir, "main-*.js"), _found(static_dir, "main-*.css")
    if not script or not style:
        return None
    levels = request.scope["raw_path"].count(b"/") - 1
    assets = "../" * levels + assets_path.removeprefix("/")
    parts = [f'<link rel="modulepreload" href="{assets}/{name}">' for name in _found(static_dir, "chunk-*.js")]
    return {"script": f"{assets}/{script[0]}", "style": f"{assets}/{style[0]}", "preload": "".join(parts)}


def _found(static_dir: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in static_dir.glob(pattern))


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
        best = _best(path, scope)
        response = super().file_response(best, best.stat(), scope, status_code)
        response.headers["Content-Type"] = CONTENT_TYPES[path.suffix]
        response.headers["Cache-Control"] = _cache_control(path.name)
        response.headers.update(ASSET_HEADERS)
        if best != path:
            response.headers["Content-Encoding"] = "gzip"
            del response.headers["Last-Modified"]  # of both: who has a part of one must not get the rest of the other
        return response


def _best(path: Path, scope: Scope) -> Path:
    """The file packed, where it is and who asks takes it: all of it, for a part would be one of the packed file."""
    asked = Headers(scope=scope)
    can_be = is_taken(asked.get("accept-encoding", "")) and "range" not in asked
    return packed(path) if can_be and packed(path).is_file() else path


def _cache_control(name: str) -> str:
    return "public, max-age=31536000, immutable" if _HASHED_NAME.search(name) else "no-cache"
