import asyncio
import gc
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError
from structlog.testing import capture_logs

from schema.database import Database, NoReplicaSetError, Transaction, connect, connect_within
from tests.schema.models import Counter
from tests.support.processes import free_port
from tests.support.servers import start_mongodb
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


async def _save_one(transaction: Transaction) -> None:
    await transaction.save(Counter(name="a"))


async def test_the_url_names_the_database(mongodb_url: str, database: Database) -> None:
    await database.in_transaction(_save_one)
    name = mongodb_url.rpartition("/")[2].partition("?")[0]
    assert database.collection(Counter).full_name == f"{name}.counter"
    assert await database.client[name]["counter"].count_documents({}) == 1


async def test_a_url_without_a_database_means_postberry(mongodb_url: str) -> None:
    server = mongodb_url.rpartition("/")[0]
    database = await connect(server, app_name="tests")
    assert database.engine.database_name == "postberry"
    await database.close()


async def test_the_url_decides_about_timeouts_and_we_about_safety(mongodb_url: str) -> None:
    database = await connect(f"{mongodb_url}&SocketTimeoutMS=1234&w=0&tz_aware=false", app_name="tests")
    options = database.client.options
    assert options.pool_options.socket_timeout == 1.234
    assert options.server_selection_timeout == 5
    assert options.write_concern.document == {"w": "majority"}
    assert database.client.codec_options.tzinfo is UTC
    await database.close()


async def test_no_client_of_motor_is_made(database: Database) -> None:
    await database.in_transaction(_save_one)
    assert not [found for found in gc.get_objects() if type(found) is AsyncIOMotorClient]


@pytest.mark.parametrize("query", ["", "?replicaSet=rs0&serverSelectionTimeoutMS=300"])
async def test_a_server_that_is_no_replica_set_is_refused(standalone_url: str, query: str) -> None:
    with pytest.raises(NoReplicaSetError, match=r"start mongod with --replSet rs0 and run rs\.initiate\(\)"):
        await connect(f"{standalone_url}/postberry{query}", app_name="tests")


@pytest.mark.parametrize("query", ["", "replicaSet=rs0&"])
async def test_a_replica_set_that_was_not_initiated_is_refused(uninitiated_url: str, query: str) -> None:
    with pytest.raises(NoReplicaSetError, match=r"run rs\.initiate\(\)"):
        await connect(f"{uninitiated_url}/?{query}serverSelectionTimeoutMS=300", app_name="tests")


# PyMongo drops the socket of an attempt to connect that its close interrupts
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_a_server_that_is_away_is_not_called_a_wrong_one() -> None:
    with pytest.raises(ServerSelectionTimeoutError):
        await connect("mongodb://127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=100", app_name="tests")
    gc.collect()


# PyMongo drops the socket of an attempt to connect that its close interrupts
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_a_server_that_is_still_starting_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    url = f"mongodb://127.0.0.1:{port}/x?replicaSet=rs0&serverSelectionTimeoutMS=300"
    with capture_logs() as logs:
        connecting = asyncio.create_task(connect_within(30, url, app_name="tests"))

        async def has_failed_once() -> bool:
            return "mongodb is away, trying again" in [line["event"] for line in logs]

        await eventually(has_failed_once, "A first attempt")
        with start_mongodb(tmp_path / "mongodb", port):
            database = await connecting
            assert await database.client.admin.command("ping")
            await database.close()
    gc.collect()


async def _connections(client: AsyncMongoClient[dict[str, object]], app_name: str) -> int:
    pipeline: list[dict[str, Any]] = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": app_name}},
    ]
    return len(await (await client.admin.aggregate(pipeline)).to_list())


async def test_closing_ends_every_connection(mongodb_url: str, database: Database) -> None:
    other = await connect(mongodb_url, app_name="to be closed")
    await asyncio.gather(*(other.in_transaction(_save_one) for _ in range(3)))
    assert await _connections(database.client, "to be closed") > 0
    await other.close()
    async with asyncio.timeout(10):
        while await _connections(database.client, "to be closed"):
            pass


async def test_a_refused_server_keeps_no_connection(standalone_url: str) -> None:
    with pytest.raises(NoReplicaSetError):
        await connect(standalone_url, app_name="refused")
    async with AsyncMongoClient[dict[str, object]](standalone_url) as client, asyncio.timeout(10):
        while await _connections(client, "refused"):
            pass
