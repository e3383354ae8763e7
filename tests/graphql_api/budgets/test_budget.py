"""What a client is told who asks for too much, over HTTP."""

from collections.abc import AsyncIterator

import pytest

from settings.config import Settings
from tests.support.application import Client, Collections, ada, serving

pytestmark = pytest.mark.anyio

SMALL = {"query_budget": 60, "query_budget_restore": 1}
PRODUCTS = "{products(first:40){nodes{id}}}"
SIGN_UP = "mutation($i:UserSignUpInput!){userSignUp(input:$i){job{id}}}"


@pytest.fixture(name="frugal")
async def _frugal(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings.model_copy(update=SMALL)) as client:
        yield client


async def test_an_answer_says_what_is_left_and_gives_back_what_was_not_needed(frugal: Client) -> None:
    cost = (await frugal.post(PRODUCTS)).json()["extensions"]["cost"]
    assert cost == {"requested": 41, "actual": 1, "available": 57, "restoreRate": 1}
    again = (await frugal.post(PRODUCTS)).json()["extensions"]["cost"]
    assert again["available"] == 55


async def test_who_has_spent_their_budget_is_refused_with_429_and_nothing_is_done(
    frugal: Client, collections: Collections
) -> None:
    await frugal.sign_up()
    while (await frugal.post("{nothing}")).status_code == 200:
        pass
    before = await collections.jobs.count_documents({})
    refused = await frugal.post(SIGN_UP, {"i": ada(email="grace@example.com")})
    assert refused.status_code == 429
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 0 < int(refused.headers["retry-after"]) == error["extensions"]["retryAfter"] <= 60
    assert "data" not in refused.json()
    assert await collections.jobs.count_documents({}) == before
    assert await collections.users.count_documents({"email": "grace@example.com"}) == 0


async def test_a_document_that_is_new_costs_as_it_is_long(frugal: Client) -> None:
    statuses = [(await frugal.post(f"{{a{number}:__typename{' ' * 500}}}")).status_code for number in range(4)]
    assert statuses == [200, 200, 429, 429]


async def test_documents_that_cannot_be_read_are_paid_for_as_well(frugal: Client) -> None:
    statuses = [(await frugal.post("{" * (1 + each % 3))).status_code for each in range(600)]
    assert statuses[0] == 200
    assert 429 in statuses


async def test_a_user_pays_from_their_own_budget(frugal: Client) -> None:
    user = await frugal.signed_up()
    while (await frugal.post("{__typename}")).status_code == 200:
        pass
    assert (await user.post("{__typename}")).status_code == 200


async def test_limits_can_be_switched_off(settings: Settings) -> None:
    async with serving(settings.model_copy(update=SMALL | {"rate_limit_enabled": False})) as client:
        answers = [await client.post(PRODUCTS) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].json()["extensions"] == {"cost": {"requested": 41, "actual": 1}}
