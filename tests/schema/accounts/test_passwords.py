"""Proving an address and changing a password, from the form over the letter to the new sign-in."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from settings.config import Settings
from tasks.worker import working
from tests.support.application import Client, Collections, told
from tests.support.smtp import Letter, SmtpSink

pytestmark = pytest.mark.anyio

VERIFY = "mutation($t: String!){emailVerify(input:{token:$t}){isVerified userErrors{field code}}}"
REQUEST = "mutation($e: String!){passwordResetRequest(input:{email:$e}){userErrors{field code}}}"
RESET = (
    "mutation($t: String!, $p: String!){passwordReset(input:{token:$t,password:$p}){job{id} userErrors{field code}}}"
)
CHANGE = """mutation($c: String!, $p: String!) {
  passwordChange(input: {currentPassword: $c, password: $p}) { job { kind } userErrors { field code } }
}"""
ME = "{me{user{verifiedAt}}}"
USED = [{"field": ["token"], "code": "INVALID_TOKEN"}]


@pytest.fixture(autouse=True)
async def _worker(settings: Settings) -> AsyncIterator[None]:
    async with working(settings):
        yield


async def test_the_link_of_the_welcome_proves_the_address_once(client: Client, smtp_sink: SmtpSink) -> None:
    ada = await client.signed_up()
    token = _token((await smtp_sink.arrived(1))[0])
    assert (await ada.data(ME))["me"]["user"]["verifiedAt"] is None
    assert (await client.data(VERIFY, {"t": token}))["emailVerify"] == {"isVerified": True, "userErrors": []}
    assert (await ada.data(ME))["me"]["user"]["verifiedAt"]
    assert (await client.data(VERIFY, {"t": token}))["emailVerify"] == {"isVerified": False, "userErrors": USED}


async def test_a_token_is_kept_as_a_hash_alone(client: Client, smtp_sink: SmtpSink, collections: Collections) -> None:
    await client.sign_up()
    token = _token((await smtp_sink.arrived(1))[0])
    assert await collections.confirmations.count_documents({}) == 1
    kept = [[doc async for doc in collections[name].find()] for name in ("confirmations", "jobs", "users")]
    assert token not in str(kept)


async def test_a_forgotten_password_is_set_anew_by_a_letter(client: Client, smtp_sink: SmtpSink) -> None:
    await client.sign_up()
    await client.data(REQUEST, {"e": "Ada@example.com"})
    token = _token((await _letters(smtp_sink, "A new password"))[0])
    assert (await client.data(RESET, {"t": token, "p": "a new horse"}))["passwordReset"]["userErrors"] == []
    await _letters(smtp_sink, "Your password was changed")
    assert (await client.sign_in())["userErrors"]
    assert (await client.sign_in(password="a new horse"))["accessToken"]
    assert (await client.data(RESET, {"t": token, "p": "another one"}))["passwordReset"]["userErrors"] == USED


async def test_nobody_learns_whether_an_address_has_an_account(client: Client, smtp_sink: SmtpSink) -> None:
    await client.sign_up()
    answers = [told(await client.post(REQUEST, {"e": email})) for email in ("ada@example.com", "nobody@example.com")]
    assert answers[0] == answers[1]
    await _letters(smtp_sink, "A new password")
    assert {letter.recipients for letter in smtp_sink.letters} == {("ada@example.com",)}


async def test_a_token_is_good_for_its_purpose_and_its_time_alone(
    client: Client, smtp_sink: SmtpSink, collections: Collections
) -> None:
    await client.sign_up()
    token = _token((await smtp_sink.arrived(1))[0])
    assert (await client.data(RESET, {"t": token, "p": "a new horse"}))["passwordReset"]["userErrors"] == USED
    await collections.confirmations.update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert (await client.data(VERIFY, {"t": token}))["emailVerify"]["userErrors"] == USED


async def test_a_refused_password_uses_up_no_token(client: Client, smtp_sink: SmtpSink) -> None:
    await client.sign_up()
    await client.data(REQUEST, {"e": "ada@example.com"})
    token = _token((await _letters(smtp_sink, "A new password"))[0])
    refused = (await client.data(RESET, {"t": token, "p": "short"}))["passwordReset"]
    assert refused == {"job": None, "userErrors": [{"field": ["password"], "code": "TOO_SHORT"}]}
    assert (await client.data(RESET, {"t": token, "p": "long enough"}))["passwordReset"]["userErrors"] == []


async def test_who_knows_the_password_changes_it_and_is_signed_out_everywhere(
    client: Client, smtp_sink: SmtpSink, collections: Collections
) -> None:
    ada = await client.signed_up()
    refresh = (await client.sign_in())["refreshToken"]
    wrong = (await ada.data(CHANGE, {"c": "wrong horse", "p": "a new horse"}))["passwordChange"]
    assert wrong == {"job": None, "userErrors": [{"field": ["currentPassword"], "code": "INVALID_CREDENTIALS"}]}
    changed = (await ada.data(CHANGE, {"c": "correct horse", "p": "a new horse"}))["passwordChange"]
    assert changed == {"job": {"kind": "PASSWORD_CHANGED_EMAIL"}, "userErrors": []}
    await _letters(smtp_sink, "Your password was changed")
    query = "mutation($t: String!){tokenRefresh(input:{refreshToken:$t}){accessToken}}"
    assert await client.codes(query, {"t": refresh}) == ["UNAUTHENTICATED"]
    assert (await client.sign_in(password="a new horse"))["accessToken"]
    assert await collections.users.count_documents({"sessions_ended_at": None}) == 0


async def test_a_change_of_password_makes_the_links_of_before_worthless(client: Client, smtp_sink: SmtpSink) -> None:
    ada = await client.signed_up()
    await client.data(REQUEST, {"e": "ada@example.com"})
    token = _token((await _letters(smtp_sink, "A new password"))[0])
    await ada.data(CHANGE, {"c": "correct horse", "p": "a new horse"})
    assert (await client.data(RESET, {"t": token, "p": "another one"}))["passwordReset"]["userErrors"] == USED


async def test_a_password_is_not_guessed_by_changing_it(client: Client) -> None:
    ada = await client.signed_up()
    codes = [await ada.codes(CHANGE, {"c": f"wrong horse {n}", "p": "a new horse"}) for n in range(12)]
    assert ["RATE_LIMITED"] in codes


async def test_of_two_changes_at_once_one_counts(client: Client) -> None:
    ada = await client.signed_up()
    news = ["a new horse", "another horse"]
    answers = await asyncio.gather(*(ada.data(CHANGE, {"c": "correct horse", "p": new}) for new in news))
    assert sorted(len(answer["passwordChange"]["userErrors"]) for answer in answers) == [0, 1]


async def test_an_address_is_not_flooded_with_letters(client: Client, collections: Collections) -> None:
    answers = [(await client.post(REQUEST, {"e": "ada@example.com"})).json()["data"] for _ in range(12)]
    assert all(answer == answers[0] for answer in answers)
    assert await collections.jobs.count_documents({}) < 12


async def test_nobody_changes_a_password_without_being_signed_in(client: Client) -> None:
    await client.sign_up()
    assert await client.codes(CHANGE, {"c": "correct horse", "p": "a new horse"}) == ["UNAUTHENTICATED"]
    assert (await client.sign_in())["accessToken"]


async def _letters(sink: SmtpSink, subject: str) -> list[Letter]:
    return await sink.arrived(1, lambda letter: letter.message["Subject"] == subject)


def _token(letter: Letter) -> str:
    (found,) = set(re.findall(r"token=([\w-]+)", letter.message.get_body(("plain",)).get_content()))  # type: ignore[union-attr]  # both parts are there
    return str(found)
