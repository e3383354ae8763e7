"""Whether the program lives, and whether it can serve."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from graphql_api import health, vitals
from graphql_api.dependencies import Answer
from settings.config import AppEnv, Settings
from tasks.worker import working
from tests.support.application import Client, running_api, serving
from tests.support.processes import Server
from tests.support.smtp import SmtpSink


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


async def _health(settings: Settings, **headers: str) -> tuple[int, dict[str, Any]]:
    async with serving(settings) as client:
        response = await client.http.get("/health", headers=headers)
        return response.status_code, response.json()


@pytest.mark.anyio
async def test_everything_is_told_when_all_is_well(settings: Settings) -> None:
    async with working(settings):
        status, body = await _health(settings)
    assert (status, body["status"]) == (200, "healthy")
    assert {name: found["status"] for name, found in body["dependencies"].items()} == {
        "mongodb": "up",
        "redis": "up",
        "smtp": "up",
        "storage": "up",
    }
    assert all(found["milliseconds"] > 0 for found in body["dependencies"].values())
    assert body["workers"] == {"alive": 1, "running": 0, "concurrency": settings.worker_concurrency}
    assert body["disks"]["storage"]["free_bytes"] > 0
    assert body["memory_bytes"] > 10_000_000
    assert (len(body["load"]), body["version"], body["uptime_seconds"] >= 0) == (3, "0.1.0", True)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("broken", "change"),
    [("redis", {"redis_url": "redis://127.0.0.1:1/0"}), ("smtp", {"smtp_url": "smtp://127.0.0.1:1"})],
)
async def test_what_is_not_required_degrades_it(settings: Settings, broken: str, change: dict[str, str]) -> None:
    async with working(settings):
        status, body = await _health(settings.model_copy(update=change))
    assert (status, body["status"]) == (200, "degraded")
    down = {name: found for name, found in body["dependencies"].items() if found["status"] == "down"}
    assert list(down) == [broken]
    assert down[broken]["error"]


@pytest.mark.anyio
async def test_without_a_worker_or_a_folder_for_files_it_is_degraded(settings: Settings, tmp_path: Path) -> None:
    async with serving(settings) as client:
        (tmp_path / "storage").rmdir()
        body = (await client.http.get("/health")).json()
    assert (body["status"], body["workers"]["alive"]) == ("degraded", 0)
    assert body["dependencies"]["storage"]["status"] == "down"


def test_without_mongodb_it_is_unhealthy(settings: Settings, mongodb_server: Server) -> None:
    with running_api(settings.model_copy(update={"db_url": mongodb_server.url})) as api:
        mongodb_server.kill()
        response = httpx.get(f"{api.url}/health", timeout=30)
        assert (response.status_code, response.json()["status"]) == (503, "unhealthy")
        assert response.json()["workers"] is None


@pytest.mark.anyio
async def test_in_production_detail_is_for_those_with_the_token(settings: Settings) -> None:
    settings = settings.model_copy(update={"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a token")})
    async with serving(settings) as client:
        said = (await client.http.get("/health")).json()
        wrong = (await client.http.get("/health", headers={"authorization": "Bearer another"})).json()
        right = (await client.http.get("/health", headers={"authorization": "Bearer a token"})).json()
    assert said == wrong == {"status": "degraded"}
    assert right["dependencies"]["mongodb"]["status"] == "up"


@pytest.mark.anyio
async def test_many_who_ask_cost_one_look(settings: Settings, smtp_sink: SmtpSink) -> None:
    async with serving(settings) as client:
        await asyncio.gather(*(client.http.get("/health") for _ in range(20)))
    assert smtp_sink.connection_count == 1


def test_a_disk_that_is_almost_full_degrades_it(tmp_path: Path) -> None:
    answers, workers = {"mongodb": Answer(is_up=True, milliseconds=1)}, {"alive": 1}
    disk = vitals.disk(tmp_path)
    for status, judged in (("ok", "healthy"), ("low", "degraded")):
        assert health.judge(answers, workers, {"logs": disk | {"status": status}}) == judged
