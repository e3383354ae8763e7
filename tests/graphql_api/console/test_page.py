import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from graphql_api.app import create_app
from graphql_api.console.page import routes
from settings.config import AppEnv, Settings

pytestmark = pytest.mark.anyio

BUNDLE = {
    "main-Ab3_-xYz.js": "go()",
    "main-BBBB3333.css": "a{}",
    "licenses.txt": "MIT",
    "documents.json": "secret",
    ".stamp": "secret",
}
SCRIPT, STYLE = "/console/assets/main-Ab3_-xYz.js", "/console/assets/main-BBBB3333.css"


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


def _client(static_dir: Path, mailbox: str | None = None, root_path: str = "") -> httpx.AsyncClient:
    app = Starlette(routes=routes(mailbox, static_dir))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, root_path=root_path), base_url="http://api.test")


def _links(page: httpx.Response) -> list[str]:
    return re.findall(r'(?:src|href)="(/.*?)"', page.text)


def _policy(response: httpx.Response) -> dict[str, str]:
    directives = (directive.partition(" ") for directive in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, _, sources in directives}


@pytest.mark.parametrize(
    "path", ["/console", "/console/", "/console/jobs", "/console/jobs/Sm9iOjE", "/console/nothing"]
)
async def test_every_address_below_it_is_the_one_page(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert sorted(_links(page)) == [SCRIPT, STYLE]
    assert [(await browser.get(link)).status_code for link in _links(page)] == [200, 200]


async def test_the_page_holds_no_inline_script_nor_style_nor_other_host(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/console")
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|://", page.text)


async def test_its_policy_allows_what_comes_from_the_api_and_nothing_unsafe(browser: httpx.AsyncClient) -> None:
    policy = _policy(await browser.get("/console"))
    assert policy["default-src"] == "'none'"
    assert {policy["script-src"], policy["style-src"], policy["connect-src"]} == {"'self'"}
    assert {policy["base-uri"], policy["form-action"], policy["frame-ancestors"]} == {"'none'"}
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
    assert [name for name, sources in policy.items() if "unsafe" in sources] == []


async def test_the_page_is_neither_stored_nor_framed_nor_sniffed(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/console")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_assets_with_a_hash_are_kept_for_good_and_others_asked_for_again(browser: httpx.AsyncClient) -> None:
    script, licences = await browser.get(SCRIPT), await browser.get("/console/assets/licenses.txt")
    assert (script.text, script.headers["content-type"]) == ("go()", "text/javascript; charset=utf-8")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert _policy(script)["default-src"] == "'none'"
    assert (licences.status_code, licences.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["..%2fbeside.js", "%2e%2e%2fbeside.js", "main-DDDD5555.js", "documents.json", ".stamp", "jobs", ""]
)
async def test_nothing_but_the_bundle_is_an_asset(browser: httpx.AsyncClient, path: str) -> None:
    raw_path = f"/console/assets/{path}".encode()
    response = await browser.send(httpx.Request("GET", httpx.URL("http://api.test", raw_path=raw_path)))
    assert response.status_code == 404
    assert "secret" not in response.text


async def test_behind_a_prefix_the_links_carry_it(static_dir: Path) -> None:
    async with _client(static_dir, "/dev/mailbox", root_path="/shop") as browser:
        page = await browser.get("/shop/console")
    assert sorted(_links(page)) == [f"/shop{SCRIPT}", f"/shop{STYLE}"]
    assert '<meta name="mailbox" content="/shop/dev/mailbox">' in page.text


async def test_a_page_without_a_mailbox_names_none(browser: httpx.AsyncClient) -> None:
    assert "mailbox" not in (await browser.get("/console")).text


@pytest.mark.parametrize("missing", ["main-Ab3_-xYz.js", "main-BBBB3333.css"])
async def test_half_a_bundle_is_none_and_the_page_says_how_to_build(
    static_dir: Path, browser: httpx.AsyncClient, missing: str
) -> None:
    (static_dir / missing).unlink()
    page = await browser.get("/console/jobs")
    assert page.status_code == 404
    assert "Run <code>make console</code>" in page.text
    assert _policy(page)["script-src"] == "'self'"


async def test_a_build_shows_without_a_restart(tmp_path: Path) -> None:
    static_dir = tmp_path / "static"
    async with _client(static_dir) as browser:
        assert (await browser.get("/console")).status_code == 404
        static_dir.mkdir()
        for name in ("main-AAAA2222.js", "main-BBBB3333.css"):
            (static_dir / name).write_text(BUNDLE.get(name, ""))
        page = await browser.get("/console")
        assert [(await browser.get(link)).status_code for link in _links(page)] == [200, 200]


def _paths(settings: Settings) -> set[str]:
    return {getattr(route, "path", "") for route in create_app(settings).router.routes}


@pytest.mark.parametrize("app_env", list(AppEnv))
def test_it_is_served_in_every_environment(settings: Settings, app_env: AppEnv) -> None:
    paths = _paths(settings.model_copy(update={"app_env": app_env}))
    assert {"/console", "/console/assets", "/console/{page:path}"} <= paths


def test_switched_off_there_is_none(settings: Settings) -> None:
    paths = _paths(settings.model_copy(update={"console_enabled": False}))
    assert [path for path in paths if path.startswith("/console")] == []
