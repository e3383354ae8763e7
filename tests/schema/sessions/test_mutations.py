"""Signing in, staying so, and signing out, over GraphQL."""

from typing import Any

import pytest

from tests.support.application import Client, ada

pytestmark = pytest.mark.anyio

SIGN_IN = """
mutation SignIn($input: UserSignInInput!) {
  userSignIn(input: $input) {
    accessToken refreshToken expiresIn csrfToken user { id email role } userErrors { field message code }
  }
}
"""


async def test_who_signs_in_gets_tokens_and_is_me(client: Client) -> None:
    await client.sign_up()
    tokens = await _sign_in(client)
    assert tokens["userErrors"] == []
    assert tokens["expiresIn"] == 900
    answer = await client.post(
        "{me{user{id email} sessions{nodes{id device ip}}}}", authorization=f"Bearer {tokens['accessToken']}"
    )
    me = answer.json()["data"]["me"]
    assert me["user"]["id"] == tokens["user"]["id"]
    assert len(me["sessions"]["nodes"]) == 1


async def _sign_in(client: Client, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    form = {name: value for name, value in ada(**changes).items() if name != "name"}
    return dict((await client.post(SIGN_IN, {"input": form})).json()["data"]["userSignIn"])
