"""Several Redis servers that are one: the doorbell and the throttle use them, and outlive what becomes of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from odmantic import ObjectId
from structlog.testing import capture_logs
from taskiq.message import BrokerMessage

from schema.database import Database
from schema.throttle import Throttle
from settings.config import Settings
from tasks.broker import RUN_JOB, Bell, Doorbell
from tests.support.application import serving
from tests.support.jobs import owe, reached
from tests.support.redis_sets import Watched, cluster, cluster_url, watched
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually
from tests.support.worker import await_log, running_worker

pytestmark = pytest.mark.anyio

PATIENCE = 20


@pytest.fixture
def redis_set(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path / "redis") as found:
        yield found


@pytest.fixture(params=["sentinel", "cluster"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each kind in turn."""
    if request.param == "sentinel":
        with watched(tmp_path / "redis") as found:
            yield found.url
    else:
        with cluster(tmp_path / "redis") as servers:
            yield cluster_url(servers)


@pytest.fixture
async def doorbell(url: str) -> AsyncIterator[Doorbell]:
    doorbell = Doorbell(url)
    yield doorbell
    await doorbell.shutdown()


def _message(text: str) -> BrokerMessage:
    return BrokerMessage(task_id=text, task_name=RUN_JOB, message=text.encode(), labels={})


async def test_rings_are_heard_and_redis_is_known_to_be_there(doorbell: Doorbell) -> None:
    texts = [str(number) for number in range(20)]
    listening = doorbell.listen()
    with capture_logs() as logs:
        await asyncio.gather(*(doorbell.kick(_message(text)) for text in texts))
        heard = [await asyncio.wait_for(anext(listening), PATIENCE) for _ in texts]
        assert await doorbell.answers()
    await listening.aclose()
    assert sorted(ring.decode() for ring in heard) == sorted(texts)
    assert logs == []


async def test_failures_of_an_account_and_an_address_are_counted_together_by_all_processes(url: str) -> None:
    one, other = Throttle(url, patience=PATIENCE), Throttle(url, patience=PATIENCE)
    with capture_logs() as logs:
        waits = await asyncio.gather(*(each.attempt("account:ada", "address:1") for each in [one, other] * 25))
        assert waits.count(0) == 5
        await one.succeeded("account:ada", "address:1")
        assert await other.wait("account:ada") == 0
    assert logs == []
    await one.close()
    await other.close()


async def test_memory_goes_on_while_a_cluster_is_away(tmp_path: Path) -> None:
    with cluster(tmp_path / "redis") as servers:
        throttle, doorbell = Throttle(cluster_url(servers), patience=PATIENCE), Doorbell(cluster_url(servers))
        bell = Bell(doorbell)
        with capture_logs() as logs:
            assert await throttle.attempt("account:ada") == 0
            for server in servers:
                server.kill()
            waits = await asyncio.gather(*(throttle.attempt("account:ada") for _ in range(50)))
            for _ in range(50):
                bell.ring(ObjectId())
            await bell.close()
        await throttle.close()
        await doorbell.shutdown()
    assert waits.count(0) == 4
    assert [line["event"] for line in logs] == [
        "throttle counts in memory, redis is away",
        "doorbell not heard, the sweep finds the jobs",
    ]


async def test_the_api_is_ready_and_says_that_redis_is_up(settings: Settings, url: str) -> None:
    async with serving(settings.model_copy(update={"redis_url": url})) as client:
        assert (await client.http.get("/ready")).json()["redis"] == "up"


async def test_a_replica_takes_over_the_throttle_and_the_bell(redis_set: Watched) -> None:
    throttle, doorbell = Throttle(redis_set.url, patience=PATIENCE), Doorbell(redis_set.url)
    bell = Bell(doorbell)
    with capture_logs() as logs:
        assert await throttle.attempt("account:ada") == 0
        bell.ring(ObjectId())
        await bell.close()
        redis_set.master.kill()
        await eventually(_back(throttle, bell, logs), "A fail-over", PATIENCE)
        assert await throttle.attempt("account:ada") == 0
    assert sorted(line["event"] for line in logs) == [
        "doorbell heard again",
        "doorbell not heard, the sweep finds the jobs",
        "throttle counts in memory, redis is away",
        "throttle counts in redis",
    ]
    await throttle.close()
    await doorbell.shutdown()


def _back(throttle: Throttle, bell: Bell, logs: list[Any]) -> Callable[[], Any]:
    """Whether both have noticed, as they are used, that Redis is back."""

    async def back() -> bool:
        await throttle.attempt("account:somebody else")
        bell.ring(ObjectId())
        await bell.close()
        return {"doorbell heard again", "throttle counts in redis"} <= {line["event"] for line in logs}

    return back


async def test_a_job_of_the_time_of_a_fail_over_is_found_and_later_ones_are_rung_for(
    settings: Settings, database: Database, smtp_sink: SmtpSink, redis_set: Watched
) -> None:
    settings = settings.model_copy(update={"redis_url": redis_set.url})
    doorbell = Doorbell(redis_set.url)
    bell = Bell(doorbell)
    with running_worker(settings):
        redis_set.master.kill()
        await reached(database, await owe(database, ring=bell.ring), "SUCCEEDED", PATIENCE)
        await_log(settings, "redis is back", deadline=PATIENCE)
        await _rung_for(doorbell, bell)
        await reached(database, await owe(database, ring=bell.ring), "SUCCEEDED", PATIENCE)
    await bell.close()
    await doorbell.shutdown()
    assert len(smtp_sink.letters) == 2


async def _rung_for(doorbell: Doorbell, bell: Bell) -> None:
    """Return once rings are taken out of the list by the worker."""
    redis = doorbell.redis

    async def emptied() -> bool:
        bell.ring(ObjectId())
        await bell.close()
        stats = await redis.info("commandstats")
        return "cmdstat_lpush" in stats and await redis.llen(doorbell.queue_name) == 0

    await eventually(emptied, "A ring that the worker hears", PATIENCE)
