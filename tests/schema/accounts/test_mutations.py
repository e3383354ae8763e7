"""Signing up, over GraphQL."""

import asyncio
from typing import Any

import pytest

from schema.failures import FREE_FAILURES
from tests.support.application import SIGN_UP, Client, Collections, ada

pytestmark = pytest.mark.anyio


async def test_a_sign_up_writes_the_user_and_owes_the_letter(client: Client, collections: Collections) -> None:
    payload = await client.sign_up()
    assert payload["userErrors"] == []
    assert payload["job"]["kind"] == "SIGN_UP_EMAIL"
    assert payload["job"]["status"] == "QUEUED"
    user, job = await collections.users.find_one() or {}, await collections.jobs.find_one() or {}
    assert (user["email"], user["name"]) == ("ada@example.com", "Ada")
    assert job["payload"] == {
        "to": "ada@example.com",
        "name": "Ada",
        "user_id": str(user["_id"]),
        "already_registered": False,
    }
    assert job["owner_id"] == user["_id"]
    assert job["request_id"] == payload["job"]["requestId"]


async def test_the_password_is_kept_as_an_argon2id_hash_alone(client: Client, collections: Collections) -> None:
    await client.sign_up(password="correct horse battery")
    user = await collections.users.find_one() or {}
    assert user["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "correct horse" not in str([user, await collections.jobs.find_one()])


async def test_a_known_address_gets_another_letter_and_the_caller_the_same_answer(
    client: Client, collections: Collections
) -> None:
    first = await client.sign_up()
    second = await client.sign_up(email="ADA@example.com", name="Mallory", password="something else")
    for payload in (first, second):
        payload["job"] |= {"id": "", "requestId": "", "createdAt": ""}
    assert first == second
    assert await collections.users.count_documents({}) == 1
    letters = [job["payload"] async for job in collections.jobs.find().sort("created_at")]
    assert (letters[1]["to"], letters[1]["name"]) == ("ada@example.com", "Ada")
    assert [letter["already_registered"] for letter in letters] == [False, True]


async def test_sign_ups_at_once_with_one_address_make_one_user(client: Client, collections: Collections) -> None:
    payloads = await asyncio.gather(*(client.sign_up() for _ in range(FREE_FAILURES)))
    assert all(payload["userErrors"] == [] for payload in payloads)
    assert await collections.users.count_documents({}) == 1
    assert await collections.jobs.count_documents({"payload.already_registered": False}) == 1
    assert await collections.jobs.count_documents({}) == FREE_FAILURES


@pytest.mark.parametrize("names", [["Ada"] * 9, ["Ada", *["Mallory"] * 8]], ids=["a new address", "a known address"])
async def test_an_address_gets_only_so_many_letters_whoever_asks(
    client: Client, collections: Collections, names: list[str]
) -> None:
    answers = [(await client.post(SIGN_UP, {"input": ada(name=name)})).json() for name in names]
    refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert {error["code"] for error in refused} == {"RATE_LIMITED"}
    assert all(0 < error["retryAfter"] <= 900 for error in refused)
    assert await collections.jobs.count_documents({}) == len(names) - len(refused) < len(names)
    assert await client.sign_up(email="grace@example.com")


REFUSED = {
    "no address": ({"email": "nobody"}, "email", "INVALID"),
    "an address without a dot": ({"email": "a@b"}, "email", "INVALID"),
    "an empty address": ({"email": ""}, "email", "TOO_SHORT"),
    "an endless address": ({"email": "a" * 300 + "@example.com"}, "email", "TOO_LONG"),
    "an address with another header": ({"email": "a@example.com\r\nBcc: b@example.com"}, "email", "INVALID"),
    "an address with NUL": ({"email": "a\0@example.com"}, "email", "INVALID"),
    "a short password": ({"password": "1234567"}, "password", "TOO_SHORT"),
    "a long password": ({"password": "x" * 129}, "password", "TOO_LONG"),
    "a huge password": ({"password": "x" * 100_000}, "password", "TOO_LONG"),
    "a password with NUL": ({"password": "correct\0horse"}, "password", "INVALID"),
    "an empty name": ({"name": ""}, "name", "TOO_SHORT"),
    "a blank name": ({"name": "   "}, "name", "TOO_SHORT"),
    "a long name": ({"name": "x" * 101}, "name", "TOO_LONG"),
    "a name of two lines": ({"name": "Ada\nBcc: b@example.com"}, "name", "INVALID"),
    "a name with NUL": ({"name": "A\0da"}, "name", "INVALID"),
}


@pytest.mark.parametrize(("changes", "field", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_value_is_refused_and_nothing_is_written(
    client: Client, collections: Collections, changes: dict[str, str], field: str, code: str
) -> None:
    payload = await client.sign_up(**changes)
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [([field], code)]
    assert payload["job"] is None
    await _assert_nothing_written(collections)


async def test_all_bad_values_are_named_at_once(client: Client, collections: Collections) -> None:
    payload = await client.sign_up(email="x", password="x", name="")
    assert [error["field"] for error in payload["userErrors"]] == [["email"], ["password"], ["name"]]
    await _assert_nothing_written(collections)


MISTYPED: dict[str, dict[str, Any]] = {
    "a number for a name": {"name": 1},
    "null for an address": {"email": None},
    "a list for a password": {"password": ["correct horse"]},
    "an operator for an address": {"email": {"$ne": None}},
    "a field there is not": {"isAdmin": True},
}


@pytest.mark.parametrize("changes", MISTYPED.values(), ids=MISTYPED.keys())
async def test_a_value_of_the_wrong_type_is_refused(
    client: Client, collections: Collections, changes: dict[str, Any]
) -> None:
    response = await client.post(SIGN_UP, {"input": ada(**changes)})
    assert response.status_code == 200
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"BAD_USER_INPUT"}
    await _assert_nothing_written(collections)


async def test_a_password_of_a_megabyte_is_refused(client: Client, collections: Collections) -> None:
    response = await client.post(SIGN_UP, {"input": ada(password="x" * 1_000_000)})
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    await _assert_nothing_written(collections)


async def _assert_nothing_written(collections: Collections) -> None:
    assert await collections.users.count_documents({}) == 0
    assert await collections.jobs.count_documents({}) == 0
