"""What is not GraphQL, asked for too often."""

from collections.abc import AsyncIterator

import pytest

from settings.config import Settings
from tests.support.application import Client, serving

pytestmark = pytest.mark.anyio

FEW = {"rate_limits": "/health=3/hour, /files=2/hour, /unsubscribe=2/hour"}
FILE = "/files/6b029146e2d29efd1090a1b9"
LETTER = "/unsubscribe/6b029146e2d29efd1090a1b9"


@pytest.fixture(name="client")
async def _client(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings.model_copy(update=FEW)) as client:
        yield client


async def test_who_asks_too_often_is_told_when_to_come_again(client: Client) -> None:
    answers = [await client.http.get("/health") for _ in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    refused = answers[-1]
    (error,) = refused.json()["errors"]
    seconds = error["extensions"]["retryAfter"]
    assert 0 < int(refused.headers["retry-after"]) == seconds <= 3_600
    assert error["extensions"] == {
        "code": "RATE_LIMITED",
        "requestId": refused.headers["x-request-id"],
        "retryAfter": seconds,
    }
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_all_of_a_path_count_together_also_those_refused_otherwise(client: Client) -> None:
    statuses = [(await client.http.get(f"{FILE[:-1]}{number}")).status_code for number in range(3)]
    assert statuses == [403, 403, 429]
    asked = (await client.http.get(LETTER), await client.http.post(LETTER), await client.http.post(LETTER))
    assert [answer.status_code for answer in asked] == [403, 403, 429]


async def test_probes_and_graphql_are_asked_as_often_as_one_likes(client: Client) -> None:
    for path in ("/live", "/ready", "/metrics"):
        assert {(await client.http.get(path)).status_code for _ in range(10)} == {200}, path
    assert {(await client.post("{__typename}")).status_code for _ in range(10)} == {200}


async def test_they_can_be_switched_off(settings: Settings) -> None:
    async with serving(settings.model_copy(update=FEW | {"rate_limit_enabled": False})) as client:
        assert {(await client.http.get(FILE)).status_code for _ in range(5)} == {403}
