"""Live updates as the programs give them: to many at once, and through an outage of MongoDB."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from schema.database import Database, connect
from schema.engine import Document
from schema.jobs import service
from schema.nodes import id_of, to_global_id
from settings.config import Settings
from tests.support import endings
from tests.support.application import Client, running_api
from tests.support.jobs import owe
from tests.support.processes import Server
from tests.support.servers import start_mongodb
from tests.support.sockets import socket
from tests.support.worker import await_log, logged

pytestmark = pytest.mark.anyio

STREAMS: list[Document] = [
    {"$currentOp": {"idleCursors": True, "allUsers": True}},
    {"$match": {"cursor.originatingCommand.pipeline.0.$changeStream": {"$exists": True}}},
]


async def test_two_hundred_clients_of_a_process_are_told_by_one_change_stream(
    settings: Settings, database: Database
) -> None:
    with running_api(settings.model_copy(update={"rate_limit_enabled": False})) as api:
        await _told_by_one_stream(api, database)


async def _told_by_one_stream(api: Server, database: Database) -> None:
    jobs = [await owe(database) for _ in range(10)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket(api.url)) for _ in range(200)]
        await asyncio.gather(*(one.init() for one in sockets))
        for number, one in enumerate(sockets):
            await one.watch(to_global_id("Job", jobs[number % 10]))
        assert await asyncio.gather(*(one.status() for one in sockets)) == ["QUEUED"] * 200
        claims = [await service.claim(database, "worker") for _ in jobs]
        assert await asyncio.gather(*(one.status() for one in sockets)) == ["RUNNING"] * 200
        assert await _streams(database) == 1
        for claim in claims:
            assert claim
            assert await endings.finish(database, claim)
        assert await asyncio.gather(*(one.status() for one in sockets)) == ["SUCCEEDED"] * 200


async def test_a_socket_outlives_a_restart_of_mongodb(
    settings: Settings, mongodb_server: Server, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"db_url": f"{mongodb_server.url}&serverSelectionTimeoutMS=2000"})
    with running_api(settings) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http, socket(api.url) as watching:
            ada = await Client(http).signed_up()
            job_id = (await Client(http).sign_up(email="bob@example.com"))["job"]["id"]
            await watching.init()
            await watching.watch(job_id)
            assert await watching.status() == "QUEUED"
            async with socket(api.url) as hers:
                await hers.init(authorization=f"Bearer {ada.token}")
                mongodb_server.kill()
                await asyncio.to_thread(await_log, settings, "change feed interrupted, trying again")
                with start_mongodb(tmp_path / "mongodb", urlsplit(mongodb_server.url).port or 0):
                    await _claim(settings, job_id)
                    assert await watching.status() == "RUNNING"
                    await hers.send("ping")
                    assert await hers.receive() == {"type": "pong"}
                    api.stop()
    assert [line["event"] for line in logged(settings) if line["level"] in {"error", "critical"}] == []


async def _claim(settings: Settings, job_id: str) -> None:
    database = await connect(settings.db_url, app_name="tests")
    assert await service.claim(database, "worker", id_of("Job", job_id))
    await database.close()


async def _streams(database: Database) -> int:
    """How many change streams are open on the test's database, as MongoDB knows them."""
    cursors = await (await database.client.admin.aggregate(STREAMS)).to_list()
    return sum(cursor["ns"].startswith(f"{database.engine.database_name}.") for cursor in cursors)
