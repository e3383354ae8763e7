import asyncio
import signal
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from settings.redis_client import Line, Patience, RedisAwayError, RedisClient, explained, open_redis
from tests.support.processes import Server, free_port
from tests.support.redis_sets import cluster, cluster_url, watched

pytestmark = pytest.mark.anyio

EVENTS = {"away": "it is away", "back": "it is back"}


async def _kept(redis: RedisClient) -> bytes | str | None:
    await redis.set("one", "1")
    found = await redis.get("one")
    await redis.aclose()
    return found


async def test_the_master_of_a_set_is_found_though_a_sentinel_is_away(tmp_path: Path) -> None:
    with watched(tmp_path) as redis_set:
        assert await _kept(open_redis(redis_set.url)) == b"1"


async def test_sentinels_are_not_told_the_servers_password(tmp_path: Path) -> None:
    with watched(tmp_path) as redis_set:
        redis = open_redis(redis_set.url.partition("?")[0])
        with pytest.raises(RedisError, match="auth:AuthenticationError"):
            await redis.ping()
        await redis.aclose()


async def test_why_no_master_is_known_is_told_without_the_clients() -> None:
    redis = open_redis(f"redis+sentinel://:hunter2@127.0.0.1:{free_port()},127.0.0.1:{free_port()}/shop")
    with pytest.raises(RedisError) as raised:
        await redis.ping()
    await redis.aclose()
    reason = "network:ConnectionError"
    assert explained(raised.value) == f"MasterNotFoundError: No master found for 'shop' : {reason}, {reason}"


async def test_any_server_of_a_cluster_leads_to_all_of_them(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        for server in servers:
            redis = open_redis(cluster_url([server]))
            for number in range(20):
                await redis.set(str(number), number)
            assert [await redis.get(str(number)) for number in range(20)] == [str(n).encode() for n in range(20)]
            await redis.aclose()


async def test_a_call_that_takes_too_long_is_given_up_and_the_next_one_is_heard(redis_server: Server) -> None:
    redis, patience = open_redis(redis_server.url, 60), Patience(0.2, at_once=5)
    line = Line(patience, **EVENTS)
    with capture_logs() as logs:
        assert await line.ask(redis.ping)
        redis_server.process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(RedisAwayError):
                await line.ask(redis.ping)
        assert not line.is_up
        redis_server.process.send_signal(signal.SIGCONT)
        while not line.is_up:
            await asyncio.wait([asyncio.create_task(line.ask(redis.ping))])
    await line.close()
    await redis.aclose()
    assert [line["event"] for line in logs] == ["it is away", "it is back"]


async def test_who_is_told_to_end_does_at_once_however_far_the_call_has_come(redis_server: Server) -> None:
    redis_server.process.send_signal(signal.SIGSTOP)
    redis, patience = open_redis(redis_server.url, 60), Patience(60, at_once=5)
    for steps in range(30):
        waiting = asyncio.create_task(patience.wait(redis.ping))
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        done, _ = await asyncio.wait([waiting], timeout=10)
        assert done, f"it goes on when it is told after {steps} steps"
    redis_server.process.send_signal(signal.SIGCONT)
    await patience.close()
    await redis.aclose()


async def test_no_more_calls_than_that_run_at_once() -> None:
    running, most = 0, 0

    async def call() -> None:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0)
        running -= 1

    patience = Patience(10, at_once=3)
    await asyncio.gather(*(patience.wait(call) for _ in range(20)))
    assert most == 3
