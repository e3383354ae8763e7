"""A page's bundle as a build leaves it, in small, and what a browser finds in the page."""

import re
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute

SCRIPT, STYLE, PART, FONT = "main-Ab3_-xYz.js", "main-BBBB3333.css", "chunk-DDDD5555.js", "codicon-CCCC4444.ttf"
BUNDLE = {
    SCRIPT: "go();\n" * 100,
    STYLE: "a{}\n" * 100,
    PART: "part()",
    FONT: "font",
    "licenses.txt": "MIT",
    "documents.json": "secret",
    ".stamp": "secret",
}


def bundle(folder: Path) -> Path:
    """The bundle in a new folder, with something beside it that nobody may read."""
    folder.mkdir()
    for name, content in BUNDLE.items():
        (folder / name).write_text(content)
    (folder.parent / "beside.js").write_text("secret")
    return folder


def browsing(*routes: BaseRoute) -> httpx.AsyncClient:
    """A client of an application that has these routes."""
    transport = httpx.ASGITransport(Starlette(routes=routes))
    return httpx.AsyncClient(transport=transport, base_url="http://api.test")


def links(page: httpx.Response) -> list[str]:
    """The paths of all that a page loads."""
    found = re.findall(r'(?:src|href)="(?!data:)(.*?)"', page.text)
    return sorted(page.url.join(link).path for link in found)


def policy(response: httpx.Response) -> dict[str, str]:
    """The sources of each directive of the Content-Security-Policy."""
    directives = (directive.partition(" ") for directive in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, _, sources in directives}
