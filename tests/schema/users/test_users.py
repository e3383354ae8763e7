"""Accounts as their owners and administrators handle them, over GraphQL."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from schema.access import Role, Viewer
from schema.database import Database
from schema.inputs import Line
from schema.users import service
from schema.users.model import User, UserChanges
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.processes import free_port
from tests.support.waiting import eventually
from tests.support.worker import ROOT, environment

pytestmark = pytest.mark.anyio

ME = "{me{user{id name role}}}"
USERS = """query($w: UserWhere, $n: Int, $a: String) {
  users(where: $w, first: $n, after: $a) { nodes { email role } totalCount pageInfo { hasNextPage endCursor } }
}"""
ROLE = "mutation($id: ID!, $r: Role!){userRoleSet(input:{id:$id,role:$r}){user{role} userErrors{field code}}}"
DEACTIVATE = "mutation($id: ID!){userDeactivate(input:{id:$id}){user{deactivatedAt} userErrors{field code}}}"
RESTORE = "mutation($id: ID!){userRestore(input:{id:$id}){user{deactivatedAt} userErrors{field code}}}"
UPDATE = "mutation($n: String!){userUpdate(input:{name:$n}){user{name} userErrors{field code}}}"


async def test_people_change_their_own_name(client: Client) -> None:
    ada = await client.signed_up()
    assert (await ada.data(UPDATE, {"n": " Ada Lovelace "}))["userUpdate"]["user"] == {"name": "Ada Lovelace"}
    refused = (await ada.data(UPDATE, {"n": "a\nb"}))["userUpdate"]
    assert refused == {"user": None, "userErrors": [{"field": ["name"], "code": "INVALID"}]}
    assert (await ada.data(ME))["me"]["user"]["name"] == "Ada Lovelace"


@pytest.mark.parametrize("name", ["\u202eadA", "Ada\u2066", "\u200b\u200d", "\u3164", "Ada\x1b[2J", "\0"])
async def test_nobody_has_a_name_that_cannot_be_seen_or_rearranges_what_is_around_it(
    client: Client, collections: Collections, name: str
) -> None:
    eve = await client.sign_up(email="eve@example.com", name=name)
    assert [(fault["field"], fault["code"]) for fault in eve["userErrors"]] == [(["name"], "INVALID")]
    ada = await client.signed_up()
    refused = (await ada.data(UPDATE, {"n": name}))["userUpdate"]
    assert refused == {"user": None, "userErrors": [{"field": ["name"], "code": "INVALID"}]}
    assert [user["name"] async for user in collections.users.find()] == ["Ada"]


class _MoreChanges(UserChanges):
    """What people may change, once there is something they need not give."""

    name: Line | None = None  # type: ignore[assignment]  # as any field a client may leave out
    nickname: Line | None = None


async def test_what_a_change_leaves_out_stays(client: Client, database: Database) -> None:
    await client.sign_up()
    users = database.collection(User)
    before = await users.find_one({})
    assert before
    viewer = Viewer(before["_id"], Role.USER, before["_id"])
    await service.update(database, viewer, _MoreChanges(nickname="Countess"))
    assert await users.find_one({}) == before | {"nickname": "Countess"}


ADMINS_ONLY = {
    "users": (USERS, {}),
    "userRoleSet": (ROLE, {"id": "x", "r": "ADMIN"}),
    "userDeactivate": (DEACTIVATE, {"id": "x"}),
    "userRestore": (RESTORE, {"id": "x"}),
}


@pytest.mark.parametrize(("query", "variables"), ADMINS_ONLY.values(), ids=ADMINS_ONLY.keys())
async def test_only_administrators_handle_others(client: Client, query: str, variables: dict[str, str]) -> None:
    assert await client.codes(query, variables) == ["UNAUTHENTICATED"]
    assert await (await client.signed_up()).codes(query, variables) == ["FORBIDDEN"]


async def test_an_administrator_searches_filters_and_pages(client: Client, collections: Collections) -> None:
    admin = await _admin(client, collections)
    for number in range(3):
        await client.sign_up(email=f"user{number}@example.com")
    first = (await admin.data(USERS, {"n": 2}))["users"]
    rest = (await admin.data(USERS, {"n": 2, "a": first["pageInfo"]["endCursor"]}))["users"]
    emails = [user["email"] for user in first["nodes"] + rest["nodes"]]
    assert emails == ["user2@example.com", "user1@example.com", "user0@example.com", "ada@example.com"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (4, True, False)
    found = [(await admin.data(USERS, {"w": where}))["users"]["totalCount"] for where in WHERES]
    assert found == [1, 3, 1, 0, 0]


WHERES: list[dict[str, Any]] = [
    {"role": "ADMIN"},
    {"emailStartsWith": "USER"},
    {"emailStartsWith": "ada@", "isDeactivated": False},
    {"isDeactivated": True},
    {"emailStartsWith": ".*"},
]


async def test_a_role_is_given_at_once_and_nobody_changes_their_own(client: Client, collections: Collections) -> None:
    admin = await _admin(client, collections)
    bob = await client.signed_up(email="bob@example.com")
    bob_id = (await bob.data(ME))["me"]["user"]["id"]
    assert (await admin.data(ROLE, {"id": bob_id, "r": "ADMIN"}))["userRoleSet"]["user"] == {"role": "ADMIN"}
    await eventually(lambda: _is_answered(bob, USERS), "Bob's new role")
    own = (await admin.data(ME))["me"]["user"]["id"]
    for mutation, variables in ((ROLE, {"id": own, "r": "USER"}), (DEACTIVATE, {"id": own})):
        (payload,) = (await admin.data(mutation, variables)).values()
        assert payload == {"user": None, "userErrors": [{"field": ["id"], "code": "NOT_ALLOWED"}]}
    assert (await admin.data(ME))["me"]["user"]["role"] == "ADMIN"


async def test_two_administrators_who_demote_each_other_leave_one(client: Client, collections: Collections) -> None:
    admin = await _admin(client, collections)
    bob = await client.signed_up(email="bob@example.com")
    ids = [(await each.data(ME))["me"]["user"]["id"] for each in (admin, bob)]
    await admin.data(ROLE, {"id": ids[1], "r": "ADMIN"})
    await eventually(lambda: _is_answered(bob, USERS), "Bob's new role")
    await asyncio.gather(admin.post(ROLE, {"id": ids[1], "r": "USER"}), bob.post(ROLE, {"id": ids[0], "r": "USER"}))
    assert await collections.users.count_documents({"role": "ADMIN"}) == 1


@pytest.mark.parametrize("prefix", ["a\0", "x" * 10_000, "a\nb"])
async def test_a_search_for_what_is_no_address_is_refused(
    client: Client, collections: Collections, prefix: str
) -> None:
    admin = await _admin(client, collections)
    assert await admin.codes(USERS, {"w": {"emailStartsWith": prefix}}) == ["BAD_USER_INPUT"]


async def test_a_deactivated_user_is_out_and_a_restored_one_signs_in_again(
    client: Client, collections: Collections
) -> None:
    admin = await _admin(client, collections)
    bob = await client.signed_up(email="bob@example.com")
    refresh = (await client.sign_in(email="bob@example.com"))["refreshToken"]
    bob_id = (await bob.data(ME))["me"]["user"]["id"]
    assert (await admin.data(DEACTIVATE, {"id": bob_id}))["userDeactivate"]["user"]["deactivatedAt"]

    async def is_out() -> bool:
        return await bob.codes(ME) == ["UNAUTHENTICATED"]

    await eventually(is_out, "The end of Bob's token", 5)
    assert (await client.sign_in(email="bob@example.com"))["userErrors"][0]["code"] == "INVALID_CREDENTIALS"
    again = "mutation($t: String!){tokenRefresh(input:{refreshToken:$t}){accessToken}}"
    assert await client.codes(again, {"t": refresh}) == ["UNAUTHENTICATED"]
    assert (await admin.data(RESTORE, {"id": bob_id}))["userRestore"]["user"] == {"deactivatedAt": None}
    assert (await client.sign_in(email="bob@example.com"))["accessToken"]
    assert await client.codes(again, {"t": refresh}) == ["UNAUTHENTICATED"]


async def test_a_user_there_is_not_cannot_be_changed(client: Client, collections: Collections) -> None:
    admin = await _admin(client, collections)
    payload = (await admin.data(DEACTIVATE, {"id": "VXNlcjo2YjAyOTE0NmUyZDI5ZWZkMTA5MGExYjk"}))["userDeactivate"]
    assert payload == {"user": None, "userErrors": [{"field": ["id"], "code": "NOT_FOUND"}]}


async def test_the_first_administrator_is_made_by_a_command(client: Client, settings: Settings) -> None:
    ada = await client.signed_up()
    assert _run_admin(settings, "ADA@example.com") == (0, "ADA@example.com is an administrator now.\n")
    await eventually(lambda: _is_answered(ada, USERS), "Ada's new role")
    assert _run_admin(settings, "nobody@example.com")[0] == 1
    assert [_run_admin(settings, *nobody)[0] for nobody in ((), ("",))] == [2, 2]


def test_a_mongodb_that_is_away_is_to_be_tried_again(settings: Settings) -> None:
    url = f"mongodb://127.0.0.1:{free_port()}/postberry?serverSelectionTimeoutMS=100"
    assert _run_admin(settings.model_copy(update={"db_url": url}), "ada@example.com") == (75, "")


def _run_admin(settings: Settings, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "schema.users.admin", *arguments]
    options: dict[str, Any] = {"env": environment(settings), "cwd": ROOT, "timeout": 60}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout


async def _is_answered(client: Client, query: str) -> bool:
    return await client.codes(query) == []


async def _admin(client: Client, collections: Collections) -> Client:
    await client.sign_up()
    await collections.users.update_one({"email": "ada@example.com"}, {"$set": {"role": "ADMIN"}})
    return await client.signed_in()
