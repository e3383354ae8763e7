import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graphql_api.app import create_app
from graphql_api.console.page import ASSETS_PATH, routes
from settings.config import AppEnv, Settings
from tests.support.pages import SCRIPT, STYLE, browsing, bundle, links, policy

pytestmark = pytest.mark.anyio

LINKS = [f"{ASSETS_PATH}/{name}" for name in (SCRIPT, STYLE)]


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    return bundle(tmp_path / "static")


@pytest.fixture
async def browser(static_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(*routes(None, static_dir)) as browser:
        yield browser


@pytest.mark.parametrize(
    "path", ["/console", "/console/", "/console/jobs", "/console/jobs/Sm9iOjE", "/console/nothing"]
)
async def test_every_address_below_it_is_the_one_page(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert links(page) == LINKS
    assert [(await browser.get(link)).status_code for link in LINKS] == [200, 200]


async def test_the_page_holds_no_inline_script_nor_style_nor_other_host(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/console")
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|://", page.text)


async def test_its_policy_allows_what_comes_from_the_api_and_nothing_unsafe(browser: httpx.AsyncClient) -> None:
    sources = policy(await browser.get("/console"))
    assert sources["default-src"] == "'none'"
    assert {sources["script-src"], sources["style-src"], sources["connect-src"]} == {"'self'"}
    assert {sources["base-uri"], sources["form-action"], sources["frame-ancestors"]} == {"'none'"}
    assert (sources["require-trusted-types-for"], sources["trusted-types"]) == ("'script'", "'none'")
    assert [name for name, allowed in sources.items() if "unsafe" in allowed] == []


async def test_the_page_is_neither_stored_nor_framed_nor_sniffed(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/console")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/jobs/x", "/console/jobs%2Fx"])
async def test_below_the_path_of_a_proxy_the_links_hold(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)
    page.request = httpx.Request("GET", f"https://example.com/shop/api{path}")
    assert links(page) == [f"/shop/api{link}" for link in LINKS]


async def test_the_page_names_the_mailbox_where_there_is_one(static_dir: Path) -> None:
    async with browsing(*routes("/dev/mailbox", static_dir)) as browser:
        assert '<meta name="mailbox" content="/dev/mailbox">' in (await browser.get("/console")).text


async def test_a_page_without_a_mailbox_names_none(browser: httpx.AsyncClient) -> None:
    assert "mailbox" not in (await browser.get("/console")).text


@pytest.mark.parametrize("missing", [SCRIPT, STYLE])
async def test_half_a_bundle_is_none_and_the_page_says_how_to_build(
    static_dir: Path, browser: httpx.AsyncClient, missing: str
) -> None:
    (static_dir / missing).unlink()
    page = await browser.get("/console/jobs")
    assert page.status_code == 404
    assert "Run <code>make console</code>" in page.text
    assert policy(page)["script-src"] == "'self'"


async def test_a_build_shows_without_a_restart(tmp_path: Path) -> None:
    async with browsing(*routes(None, tmp_path / "static")) as browser:
        assert (await browser.get("/console")).status_code == 404
        bundle(tmp_path / "static")
        assert links(await browser.get("/console")) == LINKS
        assert [(await browser.get(link)).status_code for link in LINKS] == [200, 200]


def _paths(settings: Settings) -> set[str]:
    return {getattr(route, "path", "") for route in create_app(settings).router.routes}


@pytest.mark.parametrize("app_env", list(AppEnv))
def test_it_is_served_in_every_environment(settings: Settings, app_env: AppEnv) -> None:
    paths = _paths(settings.model_copy(update={"app_env": app_env}))
    assert {"/console", "/console/assets", "/console/{page:path}"} <= paths


def test_switched_off_there_is_none(settings: Settings) -> None:
    paths = _paths(settings.model_copy(update={"console_enabled": False}))
    assert [path for path in paths if path.startswith("/console")] == []
