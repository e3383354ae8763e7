"""Whether the program lives, and whether it can serve."""

import gc
import signal

import pytest

from settings.config import Settings
from tests.support.application import Client, serving
from tests.support.processes import Server

pytestmark = pytest.mark.anyio


async def test_it_lives_and_is_ready(client: Client) -> None:
    assert (await client.http.get("/live")).json() == {"status": "live"}
    assert (await client.http.get("/ready")).json() == {"status": "ready", "mongodb": "up", "redis": "up"}


async def test_it_is_ready_without_redis(settings: Settings, redis_server: Server) -> None:
    async with serving(settings.model_copy(update={"redis_url": redis_server.url})) as client:
        redis_server.process.send_signal(signal.SIGSTOP)
        response = await client.http.get("/ready")
        assert (response.status_code, response.json()["redis"]) == (200, "down")


# PyMongo drops the socket of an attempt to connect that its close interrupts
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_it_is_not_ready_without_mongodb(settings: Settings, mongodb_server: Server) -> None:
    async with serving(settings.model_copy(update={"db_url": mongodb_server.url})) as client:
        mongodb_server.kill()
        response = await client.http.get("/ready")
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        assert (await client.http.get("/live")).status_code == 200
    gc.collect()
