"""Tokens carried as cookies, and the defence that they need."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from settings.config import Settings
from tests.support.application import Client, Collections, credentials, serving

pytestmark = pytest.mark.anyio

SIGN_IN = "mutation($i: UserSignInInput!){userSignIn(input:$i){accessToken refreshToken csrfToken user{email}}}"
REFRESH = "mutation{tokenRefresh(input:{}){accessToken refreshToken csrfToken}}"
ME = "{me{user{email}}}"


async def test_cookies_carry_the_tokens_and_scripts_cannot_read_them(client: Client) -> None:
    response, payload = await _sign_in(client)
    assert (payload["accessToken"], payload["refreshToken"]) == (None, None)
    cookies = {line.partition("=")[0]: line.lower() for line in response.headers.get_list("set-cookie")}
    assert cookies.keys() == {"postberry_access", "postberry_refresh", "postberry_csrf"}
    assert all("samesite=strict" in line for line in cookies.values())
    assert {name for name, line in cookies.items() if "httponly" in line} == {"postberry_access", "postberry_refresh"}


@pytest.mark.parametrize(
    ("public_url", "path"),
    [("", "/graphql"), ("https://api.example.com", "/graphql"), ("https://example.com/shop/", "/shop/graphql")],
)
async def test_they_are_sent_to_the_api_alone_wherever_it_is(settings: Settings, public_url: str, path: str) -> None:
    async with serving(settings.model_copy(update={"public_url": public_url})) as client:
        await client.sign_up()
        response, _ = await _sign_in(client)
    lines = [line.split("; ") for line in response.headers.get_list("set-cookie")]
    paths = {line[0].partition("=")[0]: next(part for part in line if part.startswith("Path=")) for line in lines}
    assert paths.pop("postberry_csrf") == "Path=/"  # which pages read
    assert set(paths.values()) == {f"Path={path}"}


async def test_a_request_with_cookies_counts_beside_the_right_header_only(client: Client) -> None:
    _, payload = await _sign_in(client)
    assert (await client.post(ME, x_csrf_token=payload["csrfToken"])).json()["data"]["me"]["user"]
    for token in ("", "0" * 64):
        assert (await client.post(ME, x_csrf_token=token)).json()["data"] == {"me": None}
    assert await client.data(ME) == {"me": None}


async def test_the_refresh_cookie_is_renewed_beside_the_right_header_only(client: Client) -> None:
    _, payload = await _sign_in(client)
    assert await client.codes(REFRESH) == ["UNAUTHENTICATED"]
    renewed = (await client.post(REFRESH, x_csrf_token=payload["csrfToken"])).json()["data"]["tokenRefresh"]
    assert renewed["csrfToken"] not in {None, payload["csrfToken"]}
    assert (await client.post(ME, x_csrf_token=renewed["csrfToken"])).json()["data"]["me"]["user"]


async def test_signing_out_clears_the_cookies(client: Client) -> None:
    _, payload = await _sign_in(client)
    await client.post("mutation{userSignOut{isSignedOut}}", x_csrf_token=payload["csrfToken"])
    assert dict(client.http.cookies) == {}


async def test_an_access_cookie_that_no_longer_holds_is_nobodys_and_can_be_renewed(client: Client) -> None:
    _, payload = await _sign_in(client)
    client.http.cookies.set("postberry_access", "forged", domain="testserver.local", path="/graphql")
    assert (await client.post(ME, x_csrf_token=payload["csrfToken"])).json()["data"] == {"me": None}
    renewed = (await client.post(REFRESH, x_csrf_token=payload["csrfToken"])).json()["data"]["tokenRefresh"]
    assert (await client.post(ME, x_csrf_token=renewed["csrfToken"])).json()["data"]["me"]["user"]


async def test_a_refused_bearer_token_costs_no_cookie(client: Client) -> None:
    _, payload = await _sign_in(client)
    response = await client.post(ME, x_csrf_token=payload["csrfToken"], authorization="Bearer forged")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await client.post(ME, x_csrf_token=payload["csrfToken"])).json()["data"]["me"]["user"]


async def test_a_refresh_cookie_that_is_worth_nothing_is_cleared(client: Client, collections: Collections) -> None:
    _, payload = await _sign_in(client)
    await collections.refresh_tokens.delete_many({})
    response = await client.post(REFRESH, x_csrf_token=payload["csrfToken"])
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert dict(client.http.cookies) == {}


@pytest.mark.parametrize("planted", [("refresh", "csrf"), ("csrf",), ("refresh",), ("access",), ("access", "csrf")])
async def test_cookies_of_another_session_that_were_planted_make_the_victims_count_for_nothing(
    client: Client, planted: tuple[str, ...]
) -> None:
    """A neighbouring domain can set cookies for ours: whatever it mixes in, the request is not the victim's."""
    await client.sign_up(email="eve@example.com")
    await client.post(SIGN_IN, {"i": credentials(email="eve@example.com", carrier="COOKIE")})
    eves = dict(client.http.cookies)
    client.http.cookies.clear()
    await _sign_in(client)
    mixed = dict(client.http.cookies)
    mixed |= {name: eves[name] for name in (f"postberry_{each}" for each in planted)}
    client.http.cookies.clear()
    cookie = "; ".join(f"{name}={value}" for name, value in mixed.items())
    answer = await client.post(ME, cookie=cookie, x_csrf_token=mixed["postberry_csrf"])
    assert answer.json()["data"] == {"me": None}


@pytest.mark.parametrize(
    "change", [lambda cookie: cookie[:-1], lambda cookie: cookie.rpartition(".")[0], lambda _: "."]
)
async def test_an_access_cookie_without_its_seal_is_nobodys(client: Client, change: Callable[[str], str]) -> None:
    _, payload = await _sign_in(client)
    access = change(client.http.cookies["postberry_access"])
    cookie = f"postberry_refresh={client.http.cookies['postberry_refresh']}; postberry_access={access}"
    client.http.cookies.clear()
    assert (await client.post(ME, cookie=cookie, x_csrf_token=payload["csrfToken"])).json()["data"] == {"me": None}


async def _sign_in(client: Client) -> tuple[httpx.Response, dict[str, Any]]:
    await client.sign_up()
    response = await client.post(SIGN_IN, {"i": credentials(carrier="COOKIE")})
    return response, response.json()["data"]["userSignIn"]
