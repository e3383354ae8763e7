import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.graphiql.page import ASSETS_PATH, graphiql, routes
from tests.support.pages import PART, SCRIPT, STYLE, browsing, bundle, links, policy

pytestmark = pytest.mark.anyio

LINKS = [f"{ASSETS_PATH}/{name}" for name in (PART, SCRIPT, STYLE)]


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    return bundle(tmp_path / "static")


@pytest.fixture
async def browser(static_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with _browsing(static_dir) as browser:
        yield browser


def _browsing(static_dir: Path) -> httpx.AsyncClient:
    async def page(request: Request) -> Response:
        return await graphiql(request, static_dir)

    return browsing(Route("/graphql", page), *routes(static_dir))


async def test_every_link_of_the_page_is_local_and_answered(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/graphql")
    assert "://" not in page.text
    assert links(page) == LINKS
    assert [(await browser.get(link)).status_code for link in LINKS] == [200, 200, 200]


async def test_parts_of_the_script_are_asked_for_before_it_says_so(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/graphql")).text
    assert 0 < page.index(f'<link rel="modulepreload" href="{ASSETS_PATH[1:]}/{PART}">') < page.index("<script")


async def test_the_page_holds_no_inline_script_nor_style(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/graphql")
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


async def test_scripts_and_all_else_come_from_the_api_alone(browser: httpx.AsyncClient) -> None:
    sources = policy(await browser.get("/graphql"))
    assert sources["default-src"] == "'none'"
    assert {sources["script-src"], sources["worker-src"], sources["connect-src"]} == {"'self'"}
    assert {sources["base-uri"], sources["form-action"], sources["frame-ancestors"]} == {"'none'"}
    assert [name for name, allowed in sources.items() if "unsafe" in allowed] == ["style-src"]


async def test_the_page_is_neither_stored_nor_framed_nor_sniffed(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/graphql")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "Accept"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_below_the_path_of_a_proxy_the_links_hold(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/graphql")
    page.request = httpx.Request("GET", "https://example.com/shop/api/graphql")
    assert links(page) == [f"/shop/api{link}" for link in LINKS]


@pytest.mark.parametrize("missing", [SCRIPT, STYLE])
async def test_half_a_bundle_is_none(static_dir: Path, browser: httpx.AsyncClient, missing: str) -> None:
    (static_dir / missing).unlink()
    assert "make graphiql" in (await browser.get("/graphql")).text


async def test_before_the_build_the_page_says_how_to_build(tmp_path: Path) -> None:
    async with _browsing(tmp_path / "absent") as browser:
        page = await browser.get("/graphql")
        assert page.status_code == 404
        assert "Run <code>make graphiql</code>" in page.text
        assert policy(page)["script-src"] == "'self'"
        assert (await browser.get(LINKS[0])).status_code == 404


async def test_a_build_shows_without_a_restart(tmp_path: Path) -> None:
    async with _browsing(tmp_path / "static") as browser:
        assert (await browser.get("/graphql")).status_code == 404
        bundle(tmp_path / "static")
        assert links(await browser.get("/graphql")) == LINKS
        assert (await browser.get(LINKS[0])).status_code == 200
