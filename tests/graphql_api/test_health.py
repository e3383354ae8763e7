"""Whether the program lives, and whether it can serve."""

import signal

import httpx
import pytest

from settings.config import Settings
from tests.support.application import Client, running_api
from tests.support.processes import Server


@pytest.mark.anyio
async def test_it_lives_and_is_ready(client: Client) -> None:
    assert (await client.http.get("/live")).json() == {"status": "live"}
    assert (await client.http.get("/ready")).json() == {"status": "ready", "mongodb": "up", "redis": "up"}


def test_it_is_ready_without_redis(settings: Settings, redis_server: Server) -> None:
    with running_api(settings.model_copy(update={"redis_url": redis_server.url})) as api:
        redis_server.process.send_signal(signal.SIGSTOP)
        response = httpx.get(f"{api.url}/ready", timeout=30)
        assert (response.status_code, response.json()["redis"]) == (200, "down")


def test_it_is_not_ready_without_mongodb(settings: Settings, mongodb_server: Server) -> None:
    with running_api(settings.model_copy(update={"db_url": mongodb_server.url})) as api:
        mongodb_server.kill()
        response = httpx.get(f"{api.url}/ready", timeout=30)
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        assert httpx.get(f"{api.url}/live", timeout=30).status_code == 200
