"""How many sockets one client may have open, and which pages may open one."""

from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from graphql_api.seats import Seats
from settings.config import AppEnv, Settings
from tests.support.application import Client
from tests.support.sockets import listening, socket
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

FEW = {"socket_max_per_client": 2}


def test_a_seat_is_free_again_once_it_is_left() -> None:
    seats = Seats(1)
    with seats.seat("ada") as first, seats.seat("ada") as second, seats.seat("grace") as other:
        assert (first is None, second is None, other is None) == (False, True, False)
    with seats.seat("ada") as again:
        assert again is not None


def test_who_says_who_they_are_takes_a_seat_of_their_own_and_leaves_the_addresses() -> None:
    seats = Seats(1)
    with seats.seat("address") as first:
        assert first is not None
        assert first.take("ada")
        with seats.seat("address") as second:
            assert second is not None
            assert not second.take("ada")
        with seats.seat("address") as third:
            assert third is not None


async def test_more_sockets_of_an_address_are_refused_until_one_is_closed(settings: Settings) -> None:
    async with listening(settings.model_copy(update=FEW)) as url, AsyncExitStack() as stack:
        first = await stack.enter_async_context(socket(url))
        await stack.enter_async_context(socket(url))
        with pytest.raises(InvalidStatus) as refused:
            await stack.enter_async_context(socket(url))
        assert refused.value.response.status_code == 429
        told = refused.value.response.headers
        assert (len(told["X-Request-ID"]), told["X-Content-Type-Options"]) == (32, "nosniff")
        assert int(refused.value.response.headers["Retry-After"]) > 0
        await first.connection.close()

        async def is_taken() -> bool:
            try:
                await (await stack.enter_async_context(socket(url))).init()
            except InvalidStatus:
                return False
            return True

        await eventually(is_taken, "A seat")


async def test_who_is_signed_in_is_counted_wherever_they_are(settings: Settings, client: Client) -> None:
    tokens = [
        f"Bearer {each.token}" for each in (await client.signed_up(), await client.signed_up(email="b@c.example"))
    ]
    async with listening(settings.model_copy(update=FEW)) as url, AsyncExitStack() as stack:
        for token in (tokens[0], tokens[0], tokens[1]):
            await (await stack.enter_async_context(socket(url))).init(authorization=token)
        one_too_many = await stack.enter_async_context(socket(url))
        await one_too_many.send("connection_init", payload={"authorization": tokens[0]})
        assert await one_too_many.closed() == (4429, "You have too many sockets open.")


async def test_the_limit_can_be_switched_off(settings: Settings) -> None:
    off = settings.model_copy(update=FEW | {"rate_limit_enabled": False})
    async with listening(off) as url, AsyncExitStack() as stack:
        for _ in range(5):
            await (await stack.enter_async_context(socket(url))).init()


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "null", "", "http://127.0.0.1", "https://127.0.0.1:1", "file://"]
)
async def test_a_page_of_somebody_else_opens_no_socket(url: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(url, additional_headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_pages_and_programs_open_one(settings: Settings) -> None:
    pages = {"frontend_url": ("https://shop.example.com/",), "public_url": "https://api.example.com/v1"}
    async with listening(settings.model_copy(update=pages)) as url:
        for origin in (None, url, "https://shop.example.com", "https://api.example.com"):
            async with socket(url, origin=origin) as client:
                await client.init()


async def test_in_development_a_frontend_of_this_machine_opens_one(settings: Settings) -> None:
    async with listening(settings.model_copy(update={"app_env": AppEnv.DEVELOPMENT})) as url:
        async with socket(url, origin="http://localhost:5173") as client:
            await client.init()
        with pytest.raises(InvalidStatus):
            async with socket(url, origin="http://localhost.evil.example"):
                pass
