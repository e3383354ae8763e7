"""The API behind nginx, as deploy/nginx/postberry.conf sets it up: what gets through, and what does not."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from schema.database import Database
from schema.jobs import service
from schema.nodes import to_global_id
from settings.config import Settings
from tests.proxy.nginx import NAME, Nginx, nginx
from tests.support.application import Client, Collections, running_api
from tests.support.jobs import owe
from tests.support.sockets import socket
from tests.support.tls import HOST
from tests.support.uploads import PDF, send, upload

OUTSIDE = "127.0.0.2"

pytestmark = pytest.mark.anyio


@pytest.fixture
def proxy(settings: Settings, tmp_path: Path) -> Iterator[Nginx]:
    told = {"trusted_proxies": (HOST,), "public_url": f"https://{NAME}", "metrics_token": SecretStr("m" * 32)}
    with running_api(settings.model_copy(update=told)) as api, nginx(tmp_path, urlsplit(api.url).port or 0) as proxy:
        yield proxy


@pytest.fixture
async def outside(proxy: Nginx) -> AsyncIterator[Client]:
    async with proxy.client(OUTSIDE) as http:
        yield Client(http)


async def test_a_request_gets_through_with_its_id_and_its_clients_address(
    outside: Client, collections: Collections
) -> None:
    lie = {"X-Forwarded-For": "198.51.100.9", "X-Request-ID": "my-first-request"}
    outside.http.headers.update(lie)
    await outside.signed_up()
    answer = await outside.post("{__typename}")
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "my-first-request")
    assert [session["ip"] async for session in collections.sessions.find()] == [OUTSIDE]


async def test_plain_http_leads_to_tls(proxy: Nginx) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://{HOST}:{proxy.http}/console?status=FAILED", headers={"Host": NAME})
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{NAME}/console?status=FAILED")


async def test_a_socket_gets_through(proxy: Nginx, database: Database) -> None:
    job = await owe(database)
    options = {"host": HOST, "port": proxy.https, "ssl": proxy.context, "server_hostname": HOST}
    async with socket(f"https://{NAME}", **options) as one:
        await one.init()
        await one.watch(to_global_id("Job", job))
        assert await one.status() == "QUEUED"
        await service.claim(database, "worker")
        assert await one.status() == "RUNNING"


async def test_a_file_of_the_largest_size_gets_through_and_its_link_is_not_logged(
    outside: Client, proxy: Nginx, settings: Settings
) -> None:
    owner = await outside.signed_up()
    content = PDF + b"a" * (settings.upload_max_bytes - len(PDF))
    file = (await upload(owner, content, "a.pdf", "application/pdf"))["file"]
    assert file["url"].startswith(f"https://{NAME}/files/")
    path = urlsplit(file["url"])
    fetched = await outside.http.get(f"{path.path}?{path.query}")
    assert (fetched.status_code, len(fetched.content)) == (200, len(content))
    assert f"GET {path.path}" in proxy.log.read_text()
    assert "signature" not in proxy.log.read_text()


async def test_what_is_larger_is_refused_at_the_door(outside: Client, settings: Settings) -> None:
    owner = await outside.signed_up()
    answer = await send(owner, PDF + b"a" * (settings.upload_max_bytes + 256 * 1024), "a.pdf", "application/pdf")
    assert answer.status_code == 413


async def test_pages_and_probes_are_there_and_what_is_nobodys_business_is_not(outside: Client) -> None:
    outside.http.headers["Authorization"] = f"Bearer {'m' * 32}"  # which reads them inside
    there = ["/console", "/console/jobs", "/live", "/ready"]
    assert [(await outside.http.get(path)).status_code for path in there] == [200] * len(there)
    inside = ["/", "/metrics", "/health", "/dev/mailbox", "/graphiql/assets/main.js", "/docs"]
    assert [(await outside.http.get(path)).text.count("nginx") > 0 for path in inside] == [True] * len(inside)
