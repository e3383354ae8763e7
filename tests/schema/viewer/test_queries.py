"""What a client sees of itself, of others, and of nothing."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.support.application import Client, Collections
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

NODE = "query($id: ID!){node(id:$id){__typename id}}"
IDS = "{me{user{id} sessions{nodes{id}}}}"
JOB = "query($id: ID!){job(id:$id){id kind status requestId attempts{number} __typename}}"


async def test_a_job_shows_how_it_stands_and_neither_what_it_says_nor_to_whom(client: Client) -> None:
    payload = await client.sign_up()
    assert (await client.data(JOB, {"id": payload["job"]["id"]}))["job"]["status"] == "QUEUED"
    fields = (await client.data('{__type(name:"Job"){fields{name}}}'))["__type"]["fields"]
    assert {field["name"] for field in fields}.isdisjoint({"payload", "token", "ownerId"})
    answer = (await client.post("query($id: ID!) { job(id: $id) { recipient } }", {"id": payload["job"]["id"]})).json()
    assert answer["data"] == {"job": {"recipient": None}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_of_a_single_thing_only_what_is_shown_and_what_decides_who_sees_it_is_read(
    client: Client, collections: Collections
) -> None:
    ada, ids = await _with_ids(client)
    for query, type_name, fields in READ:
        async with watched(collections) as calls:
            assert await ada.data(query, {"id": ids[type_name]})
        assert calls[-1].fields == fields


READ: list[tuple[str, str, set[str]]] = [
    (JOB, "Job", {"_id", "owner_id", "watchable", "kind", "status", "request_id", "attempts.number"}),
    ("query($id: ID!){node(id:$id){id ... on User{name} ... on Job{status}}}", "User", {"_id", "name"}),
    ("query($id: ID!){node(id:$id){... on Session{device}}}", "Session", {"_id", "user_id", "device"}),
    ("query($id: ID!){me{user{role}} node(id:$id) @skip(if:true){id}}", "User", {"_id", "role"}),
]


async def test_nodes_are_read_with_one_call_for_each_type(client: Client, collections: Collections) -> None:
    ada, ids = await _with_ids(client)
    jobs = [(await client.sign_up(email=f"user{number}@example.com"))["job"]["id"] for number in range(5)]
    async with watched(collections) as calls:
        await ada.data("query($ids: [ID!]!){nodes(ids:$ids){id}}", {"ids": [*jobs, *ids.values()]})
    batches = [call for call in calls if isinstance(call.command["filter"].get("_id"), dict)]
    assert sorted(call.collection for call in batches) == ["jobs", "sessions", "users"]


async def test_what_is_mine_is_a_node(client: Client) -> None:
    ada, ids = await _with_ids(client)
    for type_name, node_id in ids.items():
        assert (await ada.data(NODE, {"id": node_id}))["node"] == {"__typename": type_name, "id": node_id}


async def test_what_is_anothers_is_a_node_to_nobody_and_the_denial_is_logged_with_its_path(client: Client) -> None:
    _, ids = await _with_ids(client)
    bob = await client.signed_up(email="bob@example.com")
    for node_id in ids.values():
        with capture_logs() as logs:
            assert (await bob.data(NODE, {"id": node_id}))["node"] is None
        assert [log["path"] for log in logs if log["event"] == "access denied"] == [["node"]]
    with capture_logs() as logs:
        listed = await bob.data("query($ids: [ID!]!){nodes(ids:$ids){id}}", {"ids": list(ids.values())})
    assert listed["nodes"] == [None] * len(ids)
    assert [log["path"] for log in logs if log["event"] == "access denied"] == [["nodes"]] * len(ids)
    assert (await bob.data(JOB, {"id": ids["Job"]}))["job"] is None


async def test_without_a_user_only_the_letter_one_asked_for_is_seen(client: Client) -> None:
    _, ids = await _with_ids(client)
    seen = {name: (await client.data(NODE, {"id": node_id}))["node"] for name, node_id in ids.items()}
    assert seen == {"Job": {"__typename": "Job", "id": ids["Job"]}, "Session": None, "User": None}


async def test_nodes_keep_their_order_and_are_null_where_there_is_none(client: Client) -> None:
    _, ids = await _with_ids(client)
    unknown = "Sm9iOjZiMDI5MTQ2ZTJkMjllZmQxMDkwYTFiOQ"
    data = await client.data("query($ids: [ID!]!){nodes(ids:$ids){id}}", {"ids": [unknown, ids["Job"]]})
    assert data["nodes"] == [None, {"id": ids["Job"]}]


async def test_too_many_nodes_are_refused(client: Client) -> None:
    assert await client.codes("query($ids: [ID!]!){nodes(ids:$ids){id}}", {"ids": ["x"] * 101}) == ["BAD_USER_INPUT"]


async def _with_ids(client: Client) -> tuple[Client, dict[str, Any]]:
    job = (await client.sign_up())["job"]
    ada = await client.signed_in()
    me = (await ada.data(IDS))["me"]
    return ada, {"Job": job["id"], "Session": me["sessions"]["nodes"][0]["id"], "User": me["user"]["id"]}
