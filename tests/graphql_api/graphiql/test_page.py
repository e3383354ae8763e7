import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.graphiql.page import graphiql, routes

pytestmark = pytest.mark.anyio

BUNDLE = {
    "main-AAAA2222.js": "go()",
    "main-BBBB3333.css": "a{}",
    "codicon-CCCC4444.ttf": "font",
    "licenses.txt": "MIT",
    ".stamp": "secret",
}


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    folder.mkdir()
    for name, content in BUNDLE.items():
        (folder / name).write_text(content)
    (tmp_path / "beside.js").write_text("secret")
    return folder


@pytest.fixture
async def browser(static_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(static_dir) as browser:
        yield browser


def _client(static_dir: Path, root_path: str = "") -> httpx.AsyncClient:
    async def page(request: Request) -> Response:
        return await graphiql(request, static_dir)

    app = Starlette(routes=[Route("/graphql", page), *routes(static_dir)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, root_path=root_path), base_url="http://api.test")


def _links(page: httpx.Response) -> list[str]:
    return re.findall(r'(?:src|href)="(.*?)"', page.text)


def _policy(response: httpx.Response) -> dict[str, str]:
    directives = (directive.partition(" ") for directive in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, _, sources in directives}


async def test_every_link_of_the_page_is_local_and_answered(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/graphql")
    assert "://" not in page.text
    assets = [link for link in _links(page) if link != "data:,"]
    assert sorted(assets) == ["/graphiql/assets/main-AAAA2222.js", "/graphiql/assets/main-BBBB3333.css"]
    assert [(await browser.get(asset)).status_code for asset in assets] == [200, 200]


async def test_the_page_holds_no_inline_script_nor_style(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/graphql")
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


async def test_scripts_and_all_else_come_from_the_api_alone(browser: httpx.AsyncClient) -> None:
    policy = _policy(await browser.get("/graphql"))
    assert policy["default-src"] == "'none'"
    assert {policy["script-src"], policy["worker-src"], policy["connect-src"]} == {"'self'"}
    assert {policy["base-uri"], policy["form-action"], policy["frame-ancestors"]} == {"'none'"}
    assert [name for name, sources in policy.items() if "unsafe" in sources] == ["style-src"]


async def test_the_page_is_neither_stored_nor_framed_nor_sniffed(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/graphql")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Accept"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_behind_a_prefix_the_links_carry_it(static_dir: Path) -> None:
    async with _client(static_dir, root_path="/shop") as browser:
        assert "/shop/graphiql/assets/main-AAAA2222.js" in _links(await browser.get("/shop/graphql"))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("main-AAAA2222.js", "text/javascript; charset=utf-8"),
        ("main-BBBB3333.css", "text/css; charset=utf-8"),
        ("codicon-CCCC4444.ttf", "font/ttf"),
    ],
)
async def test_hashed_assets_are_typed_and_kept_for_good(
    browser: httpx.AsyncClient, name: str, content_type: str
) -> None:
    asset = await browser.get(f"/graphiql/assets/{name}")
    assert asset.text == BUNDLE[name]
    assert asset.headers["content-type"] == content_type
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["x-content-type-options"] == "nosniff"
    assert asset.headers["cross-origin-resource-policy"] == "same-origin"
    assert _policy(asset)["default-src"] == "'none'"


async def test_assets_without_a_hash_are_asked_for_again(browser: httpx.AsyncClient) -> None:
    asset = await browser.get("/graphiql/assets/licenses.txt")
    assert (asset.status_code, asset.headers["cache-control"]) == (200, "no-cache")
    again = await browser.get("/graphiql/assets/licenses.txt", headers={"If-None-Match": asset.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../beside.js",
        "..%2fbeside.js",
        "%2e%2e/beside.js",
        "%2e%2e%2fbeside.js",
        "..%5cbeside.js",
        "a/../../beside.js",
        "%2fetc%2fpasswd",
        "%00.js",
        "x" * 300 + ".js",
        "main-DDDD5555.js",
        ".stamp",
        "",
    ],
)
async def test_nothing_but_the_bundle_is_served(browser: httpx.AsyncClient, path: str) -> None:
    raw_path = f"/graphiql/assets/{path}".encode()
    response = await browser.send(httpx.Request("GET", httpx.URL("http://api.test", raw_path=raw_path)))
    assert response.status_code == 404
    assert "secret" not in response.text


async def test_assets_can_only_be_read(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/graphiql/assets/main-AAAA2222.js")).status_code == 405


@pytest.mark.parametrize("missing", ["main-AAAA2222.js", "main-BBBB3333.css"])
async def test_half_a_bundle_is_none(static_dir: Path, browser: httpx.AsyncClient, missing: str) -> None:
    (static_dir / missing).unlink()
    assert "make graphiql" in (await browser.get("/graphql")).text


async def test_before_the_build_the_page_says_how_to_build(tmp_path: Path) -> None:
    async with _client(tmp_path / "absent") as browser:
        page = await browser.get("/graphql")
        assert page.status_code == 404
        assert "Run <code>make graphiql</code>" in page.text
        assert _policy(page)["script-src"] == "'self'"
        assert (await browser.get("/graphiql/assets/main-AAAA2222.js")).status_code == 404


async def test_a_build_shows_without_a_restart(tmp_path: Path) -> None:
    static_dir = tmp_path / "static"
    async with _client(static_dir) as browser:
        assert (await browser.get("/graphql")).status_code == 404
        static_dir.mkdir()
        for name in ("main-AAAA2222.js", "main-BBBB3333.css"):
            (static_dir / name).write_text(BUNDLE[name])
        assert "/graphiql/assets/main-AAAA2222.js" in _links(await browser.get("/graphql"))
        assert (await browser.get("/graphiql/assets/main-AAAA2222.js")).status_code == 200
