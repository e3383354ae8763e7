"""What every request passes through."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from graphql_api.browsers import AnswerHeaders
from graphql_api.middleware import Faults, RequestId

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("given", ["abcdefgh", "A" * 64, "req_1-2345", "0190a7e0-8c1e-7000-8000-000000000000"])
async def test_a_request_may_bring_its_id(given: str) -> None:
    response = await _get("/", {"X-Request-ID": given})
    assert response.headers["x-request-id"] == given
    assert response.text == given


@pytest.mark.parametrize("given", ["", "short", "A" * 65, "with space1", "new\tline1", "semi;colon", "ümläut-id"])
async def test_any_other_id_is_replaced(given: str) -> None:
    response = await _get("/", {"X-Request-ID": given.encode("latin-1")})
    assert len(response.headers["x-request-id"]) == 32
    assert response.text == response.headers["x-request-id"]


async def test_requests_without_an_id_get_different_ones() -> None:
    ids = {(await _get("/")).text for _ in range(10)}
    assert len(ids) == 10


async def test_a_fault_is_answered_with_the_id_and_nothing_else() -> None:
    response = await _get("/raise", {"X-Request-ID": "req-12345"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == "req-12345"
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "req-12345"}
    assert "swordfish" not in response.text


async def test_what_is_not_found_has_an_id_too() -> None:
    response = await _get("/nothing", {"X-Request-ID": "req-12345"})
    assert (response.status_code, response.headers["x-request-id"]) == (404, "req-12345")


async def _get(path: str, headers: dict[str, str | bytes] | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path, headers=headers)  # type: ignore[arg-type]  # raw header bytes


def _app() -> Starlette:
    async def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.state.request_id)

    async def fail(_: Request) -> PlainTextResponse:
        raise RuntimeError("the password is swordfish")

    return Starlette(
        routes=[Route("/", show), Route("/raise", fail)],
        middleware=[Middleware(RequestId), Middleware(AnswerHeaders, headers={}), Middleware(Faults)],
    )
