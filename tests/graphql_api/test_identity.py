"""Who a socket speaks for, and when that ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import jwt
import pytest

from schema.database import Database
from schema.jobs.model import Job
from schema.nodes import id_of, to_global_id
from schema.times import utc_now
from schema.tokens import LEEWAY
from settings.config import Settings
from tests.support.application import Client, Collections, credentials
from tests.support.jobs import owe
from tests.support.sockets import Socket, listening, socket

pytestmark = pytest.mark.anyio

SIGN_IN = "mutation($i: UserSignInInput!){userSignIn(input:$i){csrfToken}}"
REVOKE = "mutation{userSignOut{isSignedOut}}"
CHANGE = """mutation {
  passwordChange(input: {currentPassword: "correct horse", password: "correct battery"}) { userErrors { code } }
}"""


async def test_a_bearer_token_is_taken_from_the_parameters_or_the_header(
    url: str, client: Client, database: Database
) -> None:
    ada = await client.signed_up()
    job_id = await _job_of_ada(ada, database)
    bearer = f"Bearer {ada.token}"
    ways: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"authorization": bearer}, {}),
        ({"Authorization": bearer}, {}),
        ({}, {"additional_headers": {"Authorization": bearer}}),
        ({"authorization": bearer}, {"additional_headers": {"Authorization": "Bearer another"}}),
    ]
    for parameters, options in ways:
        async with socket(url, **options) as watching:
            await watching.init(**parameters)
            await watching.watch(job_id)
            assert await watching.status() == "QUEUED"


@pytest.mark.parametrize("parameters", [{}, {"authorization": None}, {"authorization": "Basic x"}, {"other": 1}])
async def test_without_a_token_nobody_is_signed_in(
    url: str, client: Client, database: Database, parameters: dict[str, Any]
) -> None:
    job_id = await _job_of_ada(await client.signed_up(), database)
    async with socket(url) as watching:
        await watching.init(**parameters)
        await watching.watch(job_id)
        assert await watching.codes() == ["NOT_FOUND"]


@pytest.mark.parametrize("token", ["", "forged", "a.b.c"])
async def test_a_token_that_does_not_hold_closes_the_socket(url: str, token: str) -> None:
    async with socket(url) as watching:
        await watching.send("connection_init", payload={"authorization": f"Bearer {token}"})
        assert await watching.closed() == (4403, "Sign in again.")


async def test_when_its_token_expires_a_socket_is_closed(url: str, client: Client, settings: Settings) -> None:
    ada = await client.signed_up()
    async with socket(url) as watching:
        await watching.init(authorization=f"Bearer {_soon_expired(ada, settings)}")
        assert await watching.closed() == (4403, "token expired")


@pytest.mark.parametrize("mutation", [REVOKE, CHANGE])
async def test_when_its_session_ends_a_socket_is_closed(url: str, client: Client, mutation: str) -> None:
    ada, other = await client.signed_up(), await client.signed_up(email="bob@example.com")
    async with _watching(url, ada) as hers, _watching(url, other) as his:
        await ada.data(mutation)
        assert await hers.closed() == (4403, "session ended")
        await his.send("ping")
        assert await his.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"deactivated_at": utc_now()}, "session ended"), ({"role": "ADMIN"}, "access changed")],
)
async def test_when_its_user_may_less_or_more_a_socket_is_closed(
    url: str, client: Client, collections: Collections, changes: dict[str, Any], reason: str
) -> None:
    async with _watching(url, await client.signed_up()) as watching:
        await collections.users.update_one({}, {"$set": changes})
        assert await watching.closed() == (4403, reason)


async def test_a_change_of_the_user_that_changes_no_right_closes_nothing(
    url: str, client: Client, collections: Collections, database: Database
) -> None:
    ada = await client.signed_up()
    job_id = await _job_of_ada(ada, database)
    async with _watching(url, ada) as watching:
        await collections.users.update_one({}, {"$set": {"name": "Countess"}})
        await watching.watch(job_id)
        assert await watching.status() == "QUEUED"
        await collections.jobs.update_many({}, {"$set": {"status": "CANCELLED"}})
        assert await watching.status() == "CANCELLED"


async def test_cookies_count_beside_the_token_that_only_our_own_pages_can_tell(
    client: Client, database: Database, settings: Settings
) -> None:
    job_id = await _job_of_ada(await client.signed_up(), database)
    cookies, csrf = await _cookies(client)
    settings = settings.model_copy(update={"frontend_url": ("https://shop.example.com/",)})
    async with listening(settings) as url:
        for origin in (None, url, "https://shop.example.com"):
            for name in ("csrfToken", "X-CSRF-Token"):
                async with socket(url, additional_headers={"Cookie": cookies}, origin=origin) as watching:
                    await watching.init(**{name: csrf})
                    await watching.watch(job_id)
                    assert await watching.status() == "QUEUED"


async def test_cookies_without_that_token_are_nobodys(url: str, client: Client, database: Database) -> None:
    job_id = await _job_of_ada(await client.signed_up(), database)
    cookies, _ = await _cookies(client)
    async with socket(url, additional_headers={"Cookie": cookies}) as watching:
        await watching.init()
        await watching.watch(job_id)
        assert await watching.codes() == ["NOT_FOUND"]


async def test_cookies_beside_a_wrong_token_or_without_the_access_cookie_close_the_socket(
    url: str, client: Client
) -> None:
    await client.sign_up()
    cookies, csrf = await _cookies(client)
    rest = "; ".join(one for one in cookies.split("; ") if "access" not in one)
    for sent, token in [(cookies, "0" * 64), (rest, csrf), ("", csrf)]:
        async with socket(url, additional_headers={"Cookie": sent}) as watching:
            await watching.send("connection_init", payload={"csrfToken": token})
            assert await watching.closed() == (4403, "Sign in again.")


@asynccontextmanager
async def _watching(url: str, client: Client) -> AsyncIterator[Socket]:
    """A socket that said whose it is."""
    async with socket(url) as opened:
        await opened.init(authorization=f"Bearer {client.token}")
        yield opened


async def _job_of_ada(ada: Client, database: Database) -> str:
    """The id of a job that she alone may see."""
    user_id = id_of("User", (await ada.data("{me{user{id}}}"))["me"]["user"]["id"])
    job_id = await owe(database)
    owned = {"$set": {"owner_id": user_id, "watchable": False}}
    await database.collection(Job).update_one({"_id": job_id}, owned)
    return to_global_id("Job", job_id)


def _soon_expired(client: Client, settings: Settings) -> str:
    """The client's token as it is a second before it holds no longer."""
    secret = settings.signing_secret
    then = utc_now() - LEEWAY + timedelta(seconds=2)
    read = jwt.decode(client.token or "", secret, ["HS256"], audience="postberry")
    return jwt.encode(read | {"exp": int(then.timestamp())}, secret, "HS256")


async def _cookies(client: Client) -> tuple[str, str]:
    """What a browser sends once Ada has signed in, and what her page can tell."""
    response = await client.post(SIGN_IN, {"i": credentials(carrier="COOKIE")})
    csrf = str(response.json()["data"]["userSignIn"]["csrfToken"])
    return "; ".join(f"{name}={value}" for name, value in client.http.cookies.items()), csrf
