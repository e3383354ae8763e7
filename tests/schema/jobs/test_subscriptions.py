"""A job as those who may watch it see it, live."""

import pytest
from odmantic import ObjectId

from schema.database import Database
from schema.jobs import service
from schema.jobs.model import Job
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support import endings
from tests.support.application import Client
from tests.support.jobs import owe
from tests.support.processes import Server
from tests.support.sockets import Socket, socket
from tests.support.worker import logged, running_worker

pytestmark = pytest.mark.anyio


async def test_the_letter_of_a_sign_up_is_seen_from_its_commit_to_its_end(
    api: Server, client: Client, settings: Settings
) -> None:
    job_id = (await client.sign_up())["job"]["id"]
    async with socket(api.url) as watching:
        await watching.init()
        await watching.watch(job_id)
        assert await watching.status() == "QUEUED"
        with running_worker(settings):
            assert [await watching.status() for _ in range(2)] == ["RUNNING", "SUCCEEDED"]
            assert await watching.receive() == {"type": "complete", "id": "1"}


async def test_a_job_that_is_over_is_shown_once(url: str, database: Database) -> None:
    job_id = await owe(database)
    claim = await service.claim(database, "worker", job_id)
    assert claim
    await endings.fail(database, claim, "SMTP_550", "no such mailbox")
    async with socket(url) as watching:
        await watching.init()
        await watching.watch(to_global_id("Job", job_id))
        assert await watching.status() == "FAILED"
        assert await watching.receive() == {"type": "complete", "id": "1"}


async def test_a_renewed_lease_is_no_news(url: str, database: Database) -> None:
    job_id = await owe(database)
    claim = await service.claim(database, "worker", job_id)
    assert claim
    async with socket(url) as watching:
        await watching.init()
        await watching.watch(to_global_id("Job", job_id))
        assert await watching.status() == "RUNNING"
        for _ in range(5):
            await service.renew(database, [claim])
        await endings.finish(database, claim)
        assert await watching.status() == "SUCCEEDED"


async def test_only_who_may_see_a_job_may_watch_it(url: str, client: Client, database: Database) -> None:
    job_id = await owe(database)
    owned = {"$set": {"owner_id": ObjectId(), "watchable": False}}
    await database.collection(Job).update_one({"_id": job_id}, owned)
    ada = await client.signed_up()
    for parameters in ({}, {"authorization": f"Bearer {ada.token}"}):
        async with socket(url) as watching:
            await watching.init(**parameters)
            await watching.watch(to_global_id("Job", job_id))
            assert await watching.codes() == ["NOT_FOUND"]


async def test_who_watches_a_job_that_is_taken_from_them_sees_no_more_of_it(url: str, database: Database) -> None:
    job_id = await owe(database)
    async with socket(url) as watching:
        await watching.init()
        await watching.watch(to_global_id("Job", job_id))
        assert await watching.status() == "QUEUED"
        await database.collection(Job).update_one({"_id": job_id}, {"$set": {"watchable": False}})
        assert await watching.codes() == ["NOT_FOUND"]


async def test_a_reach_for_anothers_job_is_logged(api: Server, database: Database, settings: Settings) -> None:
    job_id = await owe(database)
    await database.collection(Job).update_one({"_id": job_id}, {"$set": {"watchable": False}})
    async with socket(api.url, additional_headers={"X-Request-ID": "socket-0001"}) as watching:
        await watching.init()
        for reached in (job_id, ObjectId()):
            await watching.watch(to_global_id("Job", reached))
            assert await watching.codes() == ["NOT_FOUND"]
    denials = [line for line in logged(settings) if line["event"] == "access denied"]
    assert [(line["path"], line["requestId"]) for line in denials] == [(["jobUpdated"], "socket-0001")]


@pytest.mark.parametrize("bad", ["x", "", "VXNlcjo2YjAyOTE0NmUyZDI5ZWZkMTA5MGExYjk", "\0"])
async def test_an_id_that_is_none_is_the_clients_fault(url: str, bad: str) -> None:
    async with socket(url) as watching:
        await watching.init()
        await watching.watch(bad)
        assert await watching.codes() == ["BAD_USER_INPUT"]


async def test_no_change_between_the_first_look_and_the_next_is_missed(url: str, database: Database) -> None:
    for _ in range(20):
        job_id = await owe(database)
        async with socket(url) as watching:
            await watching.init()
            await watching.watch(to_global_id("Job", job_id))
            claim = await service.claim(database, "worker", job_id)
            assert claim
            await endings.finish(database, claim)
            assert await _last(watching) == "SUCCEEDED"


async def _last(watching: Socket) -> str:
    status = ""
    while status not in {"SUCCEEDED", "FAILED"}:
        status = await watching.status()
    return status
