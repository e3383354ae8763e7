"""What pages load, and nothing else that lies beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graphql_api.pages.assets import mounted
from graphql_api.pages.packed import pack, packed
from tests.support.pages import BUNDLE, FONT, SCRIPT, STYLE, browsing, bundle, policy

pytestmark = pytest.mark.anyio


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    return bundle(tmp_path / "static")


@pytest.fixture
async def browser(static_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(mounted("/assets", static_dir, "assets")) as browser:
        yield browser


@pytest.mark.parametrize(
    ("name", "content_type"),
    [(SCRIPT, "text/javascript; charset=utf-8"), (STYLE, "text/css; charset=utf-8"), (FONT, "font/ttf")],
)
async def test_files_with_a_hash_are_typed_and_kept_for_good(
    browser: httpx.AsyncClient, name: str, content_type: str
) -> None:
    asset = await browser.get(f"/assets/{name}")
    assert asset.text == BUNDLE[name]
    assert asset.headers["content-type"] == content_type
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["x-content-type-options"] == "nosniff"
    assert asset.headers["cross-origin-resource-policy"] == "same-origin"
    assert policy(asset)["default-src"] == "'none'"


async def test_files_without_a_hash_are_asked_for_again(browser: httpx.AsyncClient) -> None:
    asset = await browser.get("/assets/licenses.txt")
    assert (asset.status_code, asset.headers["cache-control"]) == (200, "no-cache")
    again = await browser.get("/assets/licenses.txt", headers={"If-None-Match": asset.headers["etag"]})
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
        "main-EEEE6666.js",
        f"{SCRIPT}.gz",
        "documents.json",
        ".stamp",
        "",
    ],
)
async def test_nothing_but_the_bundle_is_served(browser: httpx.AsyncClient, static_dir: Path, path: str) -> None:
    pack(static_dir)
    raw_path = f"/assets/{path}".encode()
    response = await browser.send(httpx.Request("GET", httpx.URL("http://api.test", raw_path=raw_path)))
    assert response.status_code == 404
    assert "secret" not in response.text


async def test_files_can_only_be_read(browser: httpx.AsyncClient) -> None:
    assert (await browser.post(f"/assets/{SCRIPT}")).status_code == 405


@pytest.mark.parametrize("accepted", ["gzip", "deflate, GZIP, br", "br;q=1, gzip ; q=0.5 , *;q=0"])
async def test_who_takes_it_gets_a_file_packed(browser: httpx.AsyncClient, static_dir: Path, accepted: str) -> None:
    pack(static_dir)
    asset = await browser.get(f"/assets/{SCRIPT}", headers={"Accept-Encoding": accepted})
    assert (asset.headers["content-encoding"], asset.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(asset.headers["content-length"]) == packed(static_dir / SCRIPT).stat().st_size < len(BUNDLE[SCRIPT])
    assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.text == BUNDLE[SCRIPT]
    plain = await browser.get(f"/assets/{SCRIPT}", headers={"Accept-Encoding": "identity"})
    assert asset.headers["etag"] != plain.headers["etag"]
    assert ("last-modified" in asset.headers, "last-modified" in plain.headers) == (False, True)


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "gzippo", "x-gzip;q=1"])
async def test_who_does_not_gets_it_as_it_is(browser: httpx.AsyncClient, static_dir: Path, accepted: str) -> None:
    pack(static_dir)
    asset = await browser.get(f"/assets/{SCRIPT}", headers={"Accept-Encoding": accepted})
    assert (asset.text, asset.headers["vary"]) == (BUNDLE[SCRIPT], "Accept-Encoding")
    assert "content-encoding" not in asset.headers


async def test_a_font_is_not_packed(browser: httpx.AsyncClient, static_dir: Path) -> None:
    pack(static_dir)
    asset = await browser.get(f"/assets/{FONT}", headers={"Accept-Encoding": "gzip"})
    assert (asset.text, "content-encoding" in asset.headers) == (BUNDLE[FONT], False)


async def test_a_part_of_a_file_is_one_of_the_file_as_it_is(browser: httpx.AsyncClient, static_dir: Path) -> None:
    pack(static_dir)
    asset = await browser.get(f"/assets/{SCRIPT}", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-4"})
    assert (asset.status_code, asset.text, "content-encoding" in asset.headers) == (206, "go();", False)
