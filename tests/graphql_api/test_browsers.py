"""What browsers are told with every answer."""

from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs

from graphql_api.browsers import HEADERS
from settings.config import AppEnv, Settings
from tests.support.application import Client, serving

pytestmark = pytest.mark.anyio

PAGE = "https://shop.example.com"
COME_TO_GRIEF = [("GET", "/live"), ("GET", "/nothing"), ("POST", "/graphql"), ("GET", "/graphql"), ("GET", "/files/x")]


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings.model_copy(update={"frontend_url": (PAGE, "https://admin.example.com/")})) as client:
        yield client


async def _preflight(client: Client, origin: str, headers: str = "content-type,authorization") -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    return await client.http.options("/graphql", headers={"Origin": origin} | asked)


async def test_every_answer_also_a_refusal_says_what_it_may_not_be_used_for(client: Client) -> None:
    for method, path in COME_TO_GRIEF:
        answer = await client.http.request(method, path)
        missing = HEADERS.keys() - {"Content-Security-Policy", "Cross-Origin-Resource-Policy"}
        assert {name for name in missing if name not in answer.headers} == set(), path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert len(answer.headers.get_list("content-security-policy")) == 1
        assert "server" not in answer.headers


async def test_who_is_refused_may_read_why(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"frontend_url": (PAGE,)})) as client:
        answer = await client.http.post(
            "/graphql", json={"query": "{products{nodes{id}}}"}, headers={"Origin": PAGE, "Authorization": "Bearer x"}
        )
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == PAGE


async def test_production_is_reached_by_tls_alone(settings: Settings, client: Client) -> None:
    assert "strict-transport-security" not in (await client.http.get("/live")).headers
    async with serving(settings.model_copy(update={"app_env": AppEnv.PRODUCTION})) as production:
        answer = await production.http.get("/live")
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_the_frontends_pages_may_ask_with_cookies(shop: Client) -> None:
    for origin in (PAGE, "https://admin.example.com"):
        answer = await _preflight(shop, origin, "content-type,authorization,x-csrf-token,idempotency-key,x-request-id")
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
    answer = await shop.http.post("/graphql", json={"query": "{__typename}"}, headers={"Origin": PAGE})
    assert answer.json()["data"] == {"__typename": "Query"}
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example.com", "null", "http://shop.example.com", f"{PAGE}.evil.example", f"{PAGE}:444", "*"],
)
async def test_pages_of_others_may_not(shop: Client, origin: str) -> None:
    assert (await _preflight(shop, origin)).status_code == 400
    answer = await shop.http.post("/graphql", json={"query": "{__typename}"}, headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


async def test_without_a_frontend_no_page_may(client: Client) -> None:
    answer = await _preflight(client, PAGE)
    assert "access-control-allow-origin" not in answer.headers


BESIDE = ("http://localhost:5173", "http://127.0.0.1:3000", "https://[::1]:8443", "http://localhost")
ELSEWHERE = (
    "http://localhost.evil.example",
    "http://evil.example/localhost",
    "http://localhost:5173.evil.example",
    "null",
)


async def test_in_development_frontends_of_this_machine_may_and_no_others(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"app_env": AppEnv.DEVELOPMENT})) as client:
        for origin in BESIDE:
            answer = await _preflight(client, origin)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
        assert [(await _preflight(client, origin)).status_code for origin in ELSEWHERE] == [400] * len(ELSEWHERE)


@pytest.mark.parametrize("app_env", [AppEnv.TEST, AppEnv.PRODUCTION])
async def test_elsewhere_they_may_not(settings: Settings, app_env: AppEnv) -> None:
    async with serving(settings.model_copy(update={"app_env": app_env, "frontend_url": (PAGE,)})) as client:
        assert [(await _preflight(client, origin)).status_code for origin in BESIDE] == [400] * len(BESIDE)


async def test_who_is_refused_is_named_in_the_log(shop: Client) -> None:
    with capture_logs() as lines:
        await _preflight(shop, "http://localhost:5173")
    (line,) = [line for line in lines if line["event"] == "refused to a page"]
    assert (line["log_level"], line["origin"]) == ("warning", "http://localhost:5173")
    assert line["why"] == "Disallowed CORS origin"
