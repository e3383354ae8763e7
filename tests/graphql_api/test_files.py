"""Files as browsers fetch them."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from settings.config import Settings
from tests.support.application import Client, Collections, serving
from tests.support.uploads import GIF, JPEG, PDF, PNG, WEBP, kept, upload

pytestmark = pytest.mark.anyio

HTML = b"<html><script>alert(1)</script></html>"


@pytest.fixture(params=["folder", "bucket"])
async def shop(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Client]:
    """The API over either kind of storage."""
    changes = {"storage_url": request.getfixturevalue("s3_url")} if request.param == "bucket" else {}
    async with serving(settings.model_copy(update=changes)) as client:
        yield client


@pytest.fixture
async def url(client: Client) -> str:
    """Where a picture is."""
    return str((await _uploaded(client))["url"])


async def _uploaded(client: Client, content: bytes = PNG, name: str = "cat.png") -> dict[str, Any]:
    return dict((await upload(await client.signed_up(), content, name))["file"])


@pytest.mark.parametrize("content", [PNG, PNG + bytes(6_000_000)], ids=["small", "large"])
async def test_whoever_has_the_url_gets_the_content_with_headers_that_make_it_harmless(
    shop: Client, content: bytes
) -> None:
    response = await shop.http.get((await _uploaded(shop, content))["url"])
    assert (response.status_code, response.content) == (200, content)
    seconds = int(response.headers["cache-control"].removeprefix("private, max-age=").removesuffix(", immutable"))
    assert 3_600 - 60 < seconds <= 7_200
    expected = {
        "content-type": "image/png",
        "content-length": str(len(content)),
        "content-disposition": "inline; filename*=UTF-8''cat.png",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
        "etag": f'"{hashlib.sha256(content).hexdigest()}"',
    }
    assert {name: response.headers[name] for name in expected} == expected


SHOWN = [
    (JPEG, "a.jpeg", ("image/jpeg", "inline", "a.jpeg")),
    (GIF, "a.GIF", ("image/gif", "inline", "a.GIF")),
    (WEBP, "a", ("image/webp", "inline", "a.webp")),
    (PDF, "Käse \u732b;'%.pdf", ("application/pdf", "attachment", "Käse \u732b;'%.pdf")),
    (PNG, "virus.exe", ("image/png", "inline", "virus.exe.png")),
    (GIF + HTML, "page.html", ("image/gif", "inline", "page.html.gif")),
    (PDF + HTML, "page.html", ("application/pdf", "attachment", "page.html.pdf")),
]


@pytest.mark.parametrize(("content", "name", "shown"), SHOWN)
async def test_what_a_file_was_judged_to_be_is_all_it_is_shown_as(
    client: Client, content: bytes, name: str, shown: tuple[str, str, str]
) -> None:
    response = await client.http.get((await _uploaded(client, content, name))["url"])
    kind, _, given = response.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (response.headers["content-type"], kind, unquote(given)) == shown
    assert given.isascii()
    assert not set(given) & set(" ;\"'\\")


async def test_a_table_is_downloaded(client: Client, collections: Collections) -> None:
    url = (await _uploaded(client, PDF, "a.pdf"))["url"]
    await collections.files.update_one({}, {"$set": {"content_type": "text/csv", "name": "sales.csv"}})
    headers = (await client.http.get(url)).headers
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''sales.csv"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_head_tells_what_get_would(client: Client, url: str) -> None:
    head, get = await client.http.head(url), await client.http.get(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "content-disposition", "content-security-policy"):
        assert head.headers[name] == get.headers[name]


async def test_head_does_not_open_the_content(client: Client, settings: Settings, url: str) -> None:
    _lose_contents(settings)
    assert (await client.http.head(url)).status_code == 200


@pytest.mark.parametrize("tags", ["{etag}", "W/{etag}", '"x", {etag}', "*"])
async def test_what_the_browser_has_is_not_sent_again(client: Client, url: str, tags: str) -> None:
    etag = (await client.http.get(url)).headers["etag"]
    response = await client.http.get(url, headers={"if-none-match": tags.format(etag=etag)})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
    assert (await client.http.get(url, headers={"if-none-match": '"x"'})).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_file_can_only_be_read(client: Client, url: str, method: str) -> None:
    assert (await client.http.request(method, url)).status_code == 405


def _changes(url: str) -> dict[str, str]:
    path, _, query = url.partition("?")
    expires, _, signature = query.partition("&")
    return {
        "no parameters": path,
        "no signature": f"{path}?{expires}",
        "no expiry": f"{path}?{signature}",
        "another signature": f"{url[:-1]}{'0' if url[-1] != '0' else '1'}",
        "a signature of other letters": f"{path}?{expires}&{signature.replace('signature=', 'signature=%ff')}",
        "a longer life": f"{path}?{expires}0&{signature}",
        "a shorter life": f"{path}?{expires[:-1]}&{signature}",
        "another file": f"{path[:-1]}{'0' if path[-1] != '0' else '1'}?{query}",
        "no id": f"{path[:-24]}x?{query}",
        "a key": f"{path[:-24]}..%2F..%2Fetc%2Fpasswd?{query}",
    }


@pytest.mark.parametrize("what", _changes("/files/0123456789abcdef01234567?expires=1&signature=1"))
async def test_a_url_that_was_not_signed_is_refused_without_a_word(client: Client, url: str, what: str) -> None:
    response = await client.http.get(_changes(url)[what])
    assert response.status_code in {403, 404}
    assert response.json() in [{"detail": "Forbidden"}, {"detail": "Not Found"}]
    assert (await client.http.get(url)).status_code == 200


async def test_a_file_that_is_gone_is_not_found(client: Client, collections: Collections, url: str) -> None:
    await collections.files.delete_many({})
    response = await client.http.get(url)
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


async def test_a_file_whose_content_is_gone_is_not_found(client: Client, settings: Settings, url: str) -> None:
    _lose_contents(settings)
    response = await client.http.get(url)
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


def _lose_contents(settings: Settings) -> None:
    for path in kept(Path(settings.storage_url.removeprefix("file://"))):
        path.unlink()


async def test_a_url_begins_where_clients_reach_the_api(settings: Settings) -> None:
    public = settings.model_copy(update={"public_url": "https://api.example.com/shop"})
    async with serving(public) as client:
        url = (await _uploaded(client))["url"]
        assert url.startswith("https://api.example.com/shop/files/")
        assert (await client.http.get(url.removeprefix("https://api.example.com/shop"))).content == PNG


async def test_a_url_outlives_a_change_of_the_secret_and_not_two(settings: Settings) -> None:
    async with serving(settings) as client:
        url = (await _uploaded(client))["url"]
    new, old = SecretStr("another secret of the tests, long enough"), settings.jwt_secret
    for previous, status in [(old, 200), (SecretStr(""), 403)]:
        changed = settings.model_copy(update={"jwt_secret": new, "jwt_secret_previous": previous})
        async with serving(changed) as client:
            assert (await client.http.get(url)).status_code == status
