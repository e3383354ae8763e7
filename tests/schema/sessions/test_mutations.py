"""Signing in, staying so, and signing out, over GraphQL."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import argon2
import httpx
import pytest

from schema.throttle import Throttle
from settings.config import Settings
from tests.support.application import SIGN_IN, Client, Collections, credentials, serving, told

pytestmark = pytest.mark.anyio

REFRESH = "mutation($i: TokenRefreshInput!){tokenRefresh(input:$i){accessToken refreshToken csrfToken user{email}}}"
ME = "{me{user{email} sessions{nodes{id device ip endedAt} totalCount}}}"
REVOKE = "mutation($id: ID!){sessionRevoke(input:{id:$id}){session{id endedAt} userErrors{field code}}}"


async def test_who_signs_in_is_me_on_one_device(client: Client) -> None:
    await client.sign_up()
    tokens = await client.sign_in()
    me = (await Client(client.http, tokens["accessToken"]).data(ME))["me"]
    assert (tokens["userErrors"], tokens["expiresIn"], tokens["csrfToken"]) == ([], 900, None)
    assert me["user"] == {"email": "ada@example.com"}
    assert [session["ip"] for session in me["sessions"]["nodes"]] == ["127.0.0.1"]


async def test_nobody_is_me_without_a_token(client: Client) -> None:
    assert await client.data(ME) == {"me": None}


async def test_a_wrong_address_a_wrong_password_and_a_closed_account_get_one_answer(
    client: Client, collections: Collections
) -> None:
    await client.sign_up()
    await client.sign_up(email="closed@example.com")
    await collections.users.update_one({"email": "closed@example.com"}, {"$set": {"deactivated_at": datetime.now(UTC)}})
    tries = [{"email": "nobody@example.com"}, {"password": "wrong horse"}, {"email": "closed@example.com"}]
    answers = [await client.post(SIGN_IN, {"input": credentials(**changes)}) for changes in tries]
    assert len({(answer.status_code, told(answer), tuple(answer.headers.keys())) for answer in answers}) == 1
    (error,) = answers[0].json()["data"]["userSignIn"]["userErrors"]
    assert (error["field"], error["code"]) == (None, "INVALID_CREDENTIALS")
    assert await collections.sessions.count_documents({}) == 0


async def test_who_has_failed_often_has_to_wait(client: Client, settings: Settings, collections: Collections) -> None:
    await client.sign_up()
    await _fail_often(settings, "account:ada@example.com")
    answer = (await client.post(SIGN_IN, {"input": credentials()})).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 0 < error["extensions"]["retryAfter"] <= 128
    assert await collections.sessions.count_documents({}) == 0


async def test_a_failed_sign_in_counts_against_account_and_address(client: Client, settings: Settings) -> None:
    await client.sign_up()
    await _fail_often(settings, "account:ada@example.com", failures=4)
    await _fail_often(settings, "address:127.0.0.1", failures=4)
    assert (await client.sign_in(password="wrong horse"))["userErrors"]
    throttle = Throttle(settings.redis_url, now=lambda: time.time() - 1, patience=5)
    assert await throttle.wait("account:ada@example.com") > 0
    assert await throttle.wait("address:127.0.0.1") > 0
    await throttle.close()


async def test_a_sign_in_forgets_the_failures_of_its_account(client: Client, settings: Settings) -> None:
    await client.sign_up()
    await _fail_often(settings, "account:ada@example.com", failures=4)
    for _ in range(3):
        assert (await client.sign_in())["accessToken"]


async def test_a_whole_office_signs_in_at_once(client: Client) -> None:
    emails = [f"user{number}@example.com" for number in range(8)]
    await asyncio.gather(*(client.sign_up(email=email) for email in emails))
    payloads = await asyncio.gather(*(client.sign_in(email=email) for email in emails))
    assert all(payload["accessToken"] for payload in payloads)


async def test_failures_from_one_address_make_all_of_it_wait(client: Client, settings: Settings) -> None:
    await client.sign_up()
    await _fail_often(settings, "address:127.0.0.1")
    assert await client.codes(SIGN_IN, {"input": credentials()}) == ["RATE_LIMITED"]


async def test_failures_from_an_address_of_ipv6_make_its_network_wait(client: Client, settings: Settings) -> None:
    await client.sign_up()
    await _fail_often(settings, "address:2001:db8::/64")
    api = cast("httpx.ASGITransport", client.http._transport).app  # noqa: SLF001  (httpx shows it nowhere else)
    transport = httpx.ASGITransport(api, client=("2001:db8::5", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        assert await Client(http).codes(SIGN_IN, {"input": credentials()}) == ["RATE_LIMITED"]


async def test_many_guesses_at_once_at_one_account_gain_nothing(client: Client) -> None:
    await client.sign_up()
    guesses = (client.post(SIGN_IN, {"input": credentials(password=f"wrong horse {n}")}) for n in range(20))
    answers = [answer.json() for answer in await asyncio.gather(*guesses)]
    assert 5 <= sum("errors" not in answer for answer in answers) <= 8  # a slow machine gives time to wait


async def test_aliases_and_fragments_multiply_no_sign_in(client: Client, collections: Collections) -> None:
    await client.sign_up()
    one = 'userSignIn(input:{email:"ada@example.com",password:"correct horse"}){accessToken}'
    for query in (
        f"mutation{{a:{one} b:{one}}}",
        f"mutation{{a:{one} ...F}} fragment F on Mutation{{b:{one}}}",
        f"mutation{{a:{one} ... on Mutation{{ ... {{b:{one}}}}}}}",
    ):
        assert await client.codes(query) == ["QUERY_TOO_COMPLEX"]
    assert await collections.sessions.count_documents({}) == 0


async def test_no_token_and_no_password_is_kept_as_it_is(client: Client, collections: Collections) -> None:
    await client.sign_up()
    tokens = await client.sign_in()
    kept = str([[doc async for doc in collections[name].find()] for name in await collections.list_collection_names()])
    for secret in (tokens["refreshToken"], tokens["accessToken"], "correct horse"):
        assert secret not in kept


async def test_a_refresh_token_gives_new_ones_once(client: Client) -> None:
    await client.sign_up()
    first = await client.sign_in()
    second = await _refresh(client, first["refreshToken"])
    assert second["user"] == {"email": "ada@example.com"}
    assert second["refreshToken"] != first["refreshToken"]
    assert (await Client(client.http, second["accessToken"]).data(ME))["me"]["sessions"]["totalCount"] == 1


async def test_a_refresh_token_used_again_ends_its_session_and_the_new_token_with_it(
    client: Client, collections: Collections
) -> None:
    await client.sign_up()
    first = await client.sign_in()
    second = await _refresh(client, first["refreshToken"])
    await _let_the_grace_pass(collections)
    assert await client.codes(REFRESH, {"i": {"refreshToken": first["refreshToken"]}}) == ["UNAUTHENTICATED"]
    assert await client.codes(REFRESH, {"i": {"refreshToken": second["refreshToken"]}}) == ["UNAUTHENTICATED"]
    assert await Client(client.http, second["accessToken"]).codes(ME) == ["UNAUTHENTICATED"]


async def test_two_tabs_that_race_both_stay_signed_in(client: Client, collections: Collections) -> None:
    await client.sign_up()
    token = (await client.sign_in())["refreshToken"]
    tabs = await asyncio.gather(*(_refresh(client, token) for _ in range(2)))
    await _let_the_grace_pass(collections)
    for tab in tabs:
        assert (await _refresh(client, tab["refreshToken"]))["accessToken"]


async def test_a_token_is_worth_nothing_once_a_next_one_was_used(client: Client) -> None:
    await client.sign_up()
    first = (await client.sign_in())["refreshToken"]
    second = (await _refresh(client, first))["refreshToken"]
    third = (await _refresh(client, second))["refreshToken"]
    assert await client.codes(REFRESH, {"i": {"refreshToken": first}}) == ["UNAUTHENTICATED"]
    assert await client.codes(REFRESH, {"i": {"refreshToken": third}}) == ["UNAUTHENTICATED"]


async def test_more_tabs_than_there_are_end_the_session(client: Client) -> None:
    await client.sign_up()
    token = (await client.sign_in())["refreshToken"]
    answers = await asyncio.gather(*(client.codes(REFRESH, {"i": {"refreshToken": token}}) for _ in range(20)))
    assert answers.count([]) <= 5
    assert await client.codes(REFRESH, {"i": {"refreshToken": token}}) == ["UNAUTHENTICATED"]


async def test_a_sign_in_that_races_a_change_of_password_leaves_no_session(
    client: Client, collections: Collections
) -> None:
    ada = await client.signed_up()
    change = 'mutation{passwordChange(input:{currentPassword:"correct horse",password:"a new horse"}){job{id}}}'
    await asyncio.gather(ada.data(change), *(client.sign_in() for _ in range(4)))
    user = await collections.users.find_one() or {}
    assert user["sessions_ended_at"]
    assert await collections.sessions.count_documents({"created_at": {"$gte": user["sessions_ended_at"]}}) == 0
    assert (await client.sign_in(password="a new horse"))["accessToken"]


@pytest.mark.parametrize("token", ["", "x", "\0", "é" * 100, "a" * 100_000])
async def test_a_refresh_token_that_is_none_is_refused(client: Client, token: str) -> None:
    assert await client.codes(REFRESH, {"i": {"refreshToken": token}}) == ["UNAUTHENTICATED"]


async def test_an_access_token_does_not_refresh_and_a_refresh_token_gives_no_access(client: Client) -> None:
    await client.sign_up()
    tokens = await client.sign_in()
    assert await client.codes(REFRESH, {"i": {"refreshToken": tokens["accessToken"]}}) == ["UNAUTHENTICATED"]
    assert await Client(client.http, tokens["refreshToken"]).codes(ME) == ["UNAUTHENTICATED"]


async def test_signing_out_ends_the_session_of_the_request_alone(client: Client) -> None:
    await client.sign_up()
    phone, laptop = await client.sign_in(), await client.signed_in()
    await Client(client.http, phone["accessToken"]).data("mutation{userSignOut{isSignedOut}}")
    assert await client.codes(REFRESH, {"i": {"refreshToken": phone["refreshToken"]}}) == ["UNAUTHENTICATED"]
    assert (await laptop.data(ME))["me"]["sessions"]["totalCount"] == 1


async def test_a_session_is_ended_from_another_device_and_by_nobody_else(client: Client) -> None:
    ada, bob = await client.signed_up(), await client.signed_up(email="bob@example.com")
    phone = await client.sign_in()
    newest = (await ada.data(ME))["me"]["sessions"]["nodes"][0]["id"]
    refused = (await bob.data(REVOKE, {"id": newest}))["sessionRevoke"]
    assert (refused["session"], refused["userErrors"]) == (None, [{"field": ["id"], "code": "NOT_FOUND"}])
    assert (await ada.data(REVOKE, {"id": newest}))["sessionRevoke"]["session"]["endedAt"]
    assert await client.codes(REFRESH, {"i": {"refreshToken": phone["refreshToken"]}}) == ["UNAUTHENTICATED"]


async def test_an_address_has_to_be_proven_first_where_the_settings_say_so(
    settings: Settings, collections: Collections
) -> None:
    async with serving(settings.model_copy(update={"require_verified_email": True})) as client:
        await client.sign_up()
        assert [error["code"] for error in (await client.sign_in())["userErrors"]] == ["EMAIL_NOT_VERIFIED"]
        wrong = await client.sign_in(password="wrong horse")
        assert [error["code"] for error in wrong["userErrors"]] == ["INVALID_CREDENTIALS"]
        await collections.users.update_one({}, {"$set": {"verified_at": datetime.now(UTC)}})
        assert (await client.sign_in())["accessToken"]


async def test_a_hash_of_other_days_is_renewed_at_the_next_sign_in(client: Client, collections: Collections) -> None:
    await client.sign_up()
    weak = argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash("correct horse")
    await collections.users.update_one({}, {"$set": {"password_hash": weak}})
    assert (await client.sign_in())["accessToken"]
    user = await collections.users.find_one() or {}
    assert user["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await client.sign_in())["accessToken"]


async def _fail_often(settings: Settings, key: str, failures: int = 12) -> None:
    """As if the key had failed so often, each time as soon as it might, and last of all just now."""
    waits = [0] * 5 + [2**n for n in range(failures - 5)]
    clock = time.time() - sum(waits)
    throttle = Throttle(settings.redis_url, now=lambda: clock, patience=5)
    for wait in waits[:failures]:
        clock += wait
        assert await throttle.attempt(key) == 0
    await throttle.close()


async def _refresh(client: Client, token: str) -> dict[str, Any]:
    return dict((await client.data(REFRESH, {"i": {"refreshToken": token}}))["tokenRefresh"])


async def _let_the_grace_pass(collections: Collections) -> None:
    """As if the tokens had been used a minute ago."""
    ago = datetime.now(UTC) - timedelta(minutes=1)
    await collections.refresh_tokens.update_many({"used_at": {"$ne": None}}, {"$set": {"used_at": ago}})
