"""Jobs as people look them up."""

from datetime import timedelta
from typing import Any

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.jobs import service
from schema.jobs.model import Job
from schema.nodes import to_global_id
from schema.times import utc_now
from tests.support import endings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.jobs import owe
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

JOBS = """
query Jobs($where: JobWhere, $first: Int, $after: String) {
  jobs(where: $where, first: $first, after: $after) {
    nodes { id kind status requestId progress { done total word } }
    totalCount pageInfo { endCursor hasNextPage }
  }
}
"""
FOR_OPERATORS = "{ jobs { nodes { recipient attempts { number error detail worker } } } }"
OWNER = ObjectId()


async def _jobs(database: Database) -> list[str]:
    """A job for each of many combinations, the newest first."""
    now, ids = utc_now().replace(microsecond=0), list[str]()
    for age in range(12):
        job = Job(
            kind=("SIGN_UP_EMAIL", "ORDER_STATUS_EMAIL")[age % 2],
            status=("QUEUED", "FAILED", "SUCCEEDED")[age % 3],  # type: ignore[arg-type]  # as the row holds it
            request_id=f"request-{age % 4}",
            recipient=f"reader-{age % 4}@example.com",
            owner_id=OWNER if age % 2 else None,
            payload={},
            due=now + timedelta(hours=1),
            created_at=now - timedelta(minutes=age),
        )
        await database.engine.save(job)
        ids.append(to_global_id("Job", job.id))
    return ids


async def _listed(client: Client, **where: Any) -> list[str]:  # noqa: ANN401  # a filter is of any type
    return [job["id"] for job in (await client.data(JOBS, {"where": where}))["jobs"]["nodes"]]


async def test_an_administrator_finds_every_job_by_what_is_known_of_it(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    ids, now = await _jobs(database), utc_now()
    assert await _listed(admin) == ids
    assert await _listed(admin, status="FAILED") == ids[1::3]
    assert await _listed(admin, kind="ORDER_STATUS_EMAIL") == ids[1::2]
    assert await _listed(admin, status="FAILED", kind="ORDER_STATUS_EMAIL") == [ids[1], ids[7]]
    assert await _listed(admin, requestId="request-3") == ids[3::4]
    assert await _listed(admin, recipient="reader-3@example.com", status="QUEUED") == [ids[3]]
    assert await _listed(admin, ownerId=to_global_id("User", OWNER)) == ids[1::2]
    span = {
        "gte": (now - timedelta(minutes=5, seconds=30)).isoformat(),
        "lte": (now - timedelta(minutes=1)).isoformat(),
    }
    assert await _listed(admin, createdAt=span) == ids[1:6]
    assert await _listed(admin, createdAt=span, kind="SIGN_UP_EMAIL") == [ids[2], ids[4]]


@pytest.mark.parametrize("span", [{"gte": "0001-01-01T00:00:00+14:00"}, {"lte": "9999-12-31T23:59:59-14:00"}])
async def test_a_time_that_utc_has_not_is_refused(
    client: Client, collections: Collections, span: dict[str, str]
) -> None:
    admin = await administrator(client, collections)
    assert await admin.codes(JOBS, {"where": {"createdAt": span}}) == ["BAD_USER_INPUT"]


async def test_a_page_goes_on_where_the_last_one_ended(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    ids, seen, after = await _jobs(database), [], None
    while True:
        page = (await admin.data(JOBS, {"where": {"kind": "SIGN_UP_EMAIL"}, "first": 4, "after": after}))["jobs"]
        seen += [job["id"] for job in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ids[0::2]
    assert page["totalCount"] == 6


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"status": "FAILED"},
        {"kind": "SIGN_UP_EMAIL"},
        {"status": "FAILED", "kind": "SIGN_UP_EMAIL"},
        {"requestId": "request-1"},
        {"recipient": "reader-1@example.com"},
        {"ownerId": to_global_id("User", OWNER)},
        {"ownerId": to_global_id("User", OWNER), "status": "FAILED", "kind": "ORDER_STATUS_EMAIL", "requestId": "r"},
    ],
    ids=lambda where: "+".join(where) or "all",
)
async def test_every_list_walks_along_an_index(
    client: Client, database: Database, collections: Collections, where: dict[str, Any]
) -> None:
    admin = await administrator(client, collections)
    await _jobs(database)
    async with watched(collections) as calls:
        await admin.data(JOBS, {"where": where | {"createdAt": {"lte": utc_now().isoformat()}}})
    (find,) = [call for call in calls if call.collection == "jobs" and call.name == "find"]
    assert find.plan.startswith("IXSCAN")
    assert find.plan.endswith("created_at: -1, _id: -1 }")
    assert not find.sorts_in_memory


async def test_others_find_their_own_jobs_and_no_more(
    client: Client, database: Database, collections: Collections
) -> None:
    ada = await client.signed_up()
    await collections["jobs"].delete_many({})
    await _jobs(database)
    assert await _listed(ada) == []
    me = (await collections["users"].find_one({}) or {})["_id"]
    hers = {"kind": "SIGN_UP_EMAIL", "status": "FAILED"}
    await collections["jobs"].update_many(hers, {"$set": {"owner_id": me}})
    assert len(await _listed(ada)) == 2
    assert len(await _listed(ada, ownerId=to_global_id("User", me))) == 2
    assert await ada.codes(JOBS, {"where": {"ownerId": to_global_id("User", OWNER)}}) == ["FORBIDDEN"]
    assert await client.codes(JOBS) == ["UNAUTHENTICATED"]


async def test_what_an_attempt_met_is_for_operators(
    client: Client, database: Database, collections: Collections
) -> None:
    admin, ada = await administrator(client, collections), await client.signed_up()
    me = await collections["users"].find_one({"email": "ada@example.com"})
    assert me is not None
    await collections["jobs"].delete_many({})
    job_id = await owe(database)
    await collections["jobs"].update_one({"_id": job_id}, {"$set": {"owner_id": me["_id"]}})
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    await endings.fail(database, claim, "SMTP_550", "No such user")
    (job,) = (await admin.data(FOR_OPERATORS))["jobs"]["nodes"]
    attempt = {"number": 1, "error": "SMTP_550", "detail": "No such user", "worker": "worker-1"}
    assert job == {"recipient": "ada@example.com", "attempts": [attempt]}
    answer = (await ada.post(FOR_OPERATORS)).json()
    (job,) = answer["data"]["jobs"]["nodes"]
    assert job == {"recipient": None, "attempts": [attempt | {"detail": None, "worker": None}]}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_a_job_of_an_unknown_kind_is_listed_all_the_same(
    client: Client, database: Database, collections: Collections
) -> None:
    admin = await administrator(client, collections)
    await collections["jobs"].delete_many({})
    job_id = await owe(database)
    progress = {"done": 1, "total": 2, "word": "half"}
    await collections["jobs"].update_one({"_id": job_id}, {"$set": {"kind": "SMOKE_SIGNAL", "progress": progress}})
    (job,) = (await admin.data(JOBS))["jobs"]["nodes"]
    assert (job["kind"], job["status"], job["progress"]) == (None, "QUEUED", progress)


@pytest.mark.parametrize("where", [{"recipient": "ada\0"}, {"requestId": "a\nb"}])
async def test_a_filter_that_no_row_can_match_is_refused(
    client: Client, collections: Collections, where: dict[str, str]
) -> None:
    admin = await administrator(client, collections)
    assert await admin.codes(JOBS, {"where": where}) == ["BAD_USER_INPUT"]
