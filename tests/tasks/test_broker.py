import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from odmantic import ObjectId
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from structlog.testing import capture_logs
from taskiq.message import BrokerMessage

from tasks.broker import HEARD_TOGETHER, LIST_LENGTH, RUN_JOB, SOCKET_SECONDS, Bell, Doorbell
from tests.support.processes import Server, free_port
from tests.support.servers import start_redis
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

PATIENCE = 10


@pytest.fixture
async def doorbell(redis_url: str) -> AsyncIterator[Doorbell]:
    doorbell = Doorbell(redis_url)
    yield doorbell
    await doorbell.shutdown()


@pytest.fixture
async def own_doorbell(redis_server: Server) -> AsyncIterator[Doorbell]:
    """The doorbell of a Redis that the test may freeze or kill."""
    doorbell = Doorbell(redis_server.url)
    yield doorbell
    await doorbell.shutdown()


def _message(text: str) -> BrokerMessage:
    return BrokerMessage(task_id=text, task_name=RUN_JOB, message=text.encode(), labels={})


async def _rings(listening: AsyncGenerator[bytes, None], *rings: str) -> None:
    for ring in rings:
        assert await asyncio.wait_for(anext(listening), PATIENCE) == ring.encode()


async def _length(url: str, doorbell: Doorbell) -> int:
    async with Redis.from_url(url) as redis:
        return int(await redis.llen(doorbell.queue_name))


async def _calls(url: str, command: str) -> int:
    """How often Redis has served this command."""
    async with Redis.from_url(url) as redis:
        stats = await redis.info("commandstats")
    return int(stats.get(f"cmdstat_{command}", {}).get("calls", 0))


async def _listened(url: str, times: int) -> None:
    async def often_enough() -> bool:
        return await _calls(url, "brpop") >= times

    await eventually(often_enough, f"{times} rounds of listening")


def _restarted(server: Server, folder: Path) -> Server:
    server.kill()
    return start_redis(folder, urlsplit(server.url).port or 0)


async def test_who_listens_hears_the_rings_in_their_order(doorbell: Doorbell) -> None:
    await doorbell.kick(_message("one"))
    listening = doorbell.listen()
    await _rings(listening, "one")
    await doorbell.kick(_message("two"))
    await doorbell.kick(_message("three"))
    await _rings(listening, "two", "three")
    await listening.aclose()


async def test_a_ring_is_heard_by_one_listener(doorbell: Doorbell, redis_url: str) -> None:
    listenings = [doorbell.listen() for _ in range(2)]
    hearing = [asyncio.create_task(anext(listening)) for listening in listenings]
    await doorbell.kick(_message("one"))
    heard, deaf = await asyncio.wait(hearing, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in heard] == [b"one"]
    assert await _length(redis_url, doorbell) == 0
    await doorbell.kick(_message("two"))
    assert [await task for task in deaf] == [b"two"]
    for listening in listenings:
        await listening.aclose()


async def test_rings_that_have_gathered_are_heard_together_and_each_once(doorbell: Doorbell, redis_url: str) -> None:
    names = [str(number) for number in range(HEARD_TOGETHER + 5)]
    for name in names:
        await doorbell.kick(_message(name))
    one, other = doorbell.listen(), doorbell.listen()
    await _rings(one, names[0])
    assert await _length(redis_url, doorbell) == 5
    await _rings(other, *names[HEARD_TOGETHER:])
    await _rings(one, *names[1:HEARD_TOGETHER])
    for listening in (one, other):
        await listening.aclose()


async def test_silence_longer_than_the_sockets_timeout_is_no_error(
    own_doorbell: Doorbell, redis_server: Server
) -> None:
    listening = own_doorbell.listen()
    hearing = asyncio.create_task(anext(listening))
    with capture_logs() as logs:
        await _listened(redis_server.url, round(SOCKET_SECONDS) + 2)
        await own_doorbell.kick(_message("one"))
        assert await asyncio.wait_for(hearing, PATIENCE) == b"one"
    assert logs == []
    await listening.aclose()


async def test_who_listens_survives_a_restart_of_redis(
    own_doorbell: Doorbell, redis_server: Server, tmp_path: Path
) -> None:
    listening = own_doorbell.listen()
    await own_doorbell.kick(_message("one"))
    await _rings(listening, "one")
    hearing = asyncio.create_task(anext(listening))
    with capture_logs() as logs, _restarted(redis_server, tmp_path / "again"):
        await _listened(redis_server.url, 1)
        await own_doorbell.kick(_message("two"))
        assert await asyncio.wait_for(hearing, PATIENCE) == b"two"
        await listening.aclose()
    assert [line["event"] for line in logs] == ["redis is away, the sweep finds the jobs", "redis is back"]


async def test_who_listens_survives_a_redis_that_was_frozen(own_doorbell: Doorbell, redis_server: Server) -> None:
    async def noticed() -> bool:
        return bool(logs)

    listening = own_doorbell.listen()
    await own_doorbell.kick(_message("one"))
    await _rings(listening, "one")
    hearing = asyncio.create_task(anext(listening))
    with capture_logs() as logs:
        redis_server.process.send_signal(signal.SIGSTOP)
        await eventually(noticed, "Word that Redis is away")
        redis_server.process.send_signal(signal.SIGCONT)
        await own_doorbell.kick(_message("two"))
        assert await asyncio.wait_for(hearing, PATIENCE) == b"two"
    assert [line["event"] for line in logs] == ["redis is away, the sweep finds the jobs", "redis is back"]
    await listening.aclose()


async def test_a_redis_that_is_away_for_long_is_told_of_once(tmp_path: Path) -> None:
    port = free_port()
    doorbell = Doorbell(f"redis://127.0.0.1:{port}/0")
    listening = doorbell.listen()
    hearing = asyncio.create_task(anext(listening))
    with capture_logs() as logs:
        await asyncio.wait([hearing], timeout=1)
        with start_redis(tmp_path, port):
            await doorbell.kick(_message("one"))
            assert await asyncio.wait_for(hearing, PATIENCE) == b"one"
            await listening.aclose()
            await doorbell.shutdown()
    assert [line["event"] for line in logs] == ["redis is away, the sweep finds the jobs", "redis is back"]


async def test_redis_keeps_no_more_rings_than_the_cap_and_the_newest_of_them(
    doorbell: Doorbell, redis_url: str
) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.lpush(doorbell.queue_name, *[b"old"] * (LIST_LENGTH + 500))
        await doorbell.kick(_message("newest"))
        assert await redis.llen(doorbell.queue_name) == LIST_LENGTH
        assert await redis.lindex(doorbell.queue_name, 0) == b"newest"


async def test_a_bell_is_heard_with_the_id_of_the_job(doorbell: Doorbell) -> None:
    job_id, bell, listening = ObjectId(), Bell(doorbell), doorbell.listen()
    bell.ring(job_id)
    message = doorbell.formatter.loads(await asyncio.wait_for(anext(listening), PATIENCE))
    assert (message.task_name, message.args) == (RUN_JOB, [str(job_id)])
    await bell.close()
    await listening.aclose()


async def test_closing_waits_for_the_rings_under_way(doorbell: Doorbell, redis_url: str) -> None:
    bell = Bell(doorbell)
    for _ in range(5):
        bell.ring(ObjectId())
    await bell.close()
    with SyncRedis.from_url(redis_url) as redis:  # the loop gets no chance to go on
        assert redis.llen(doorbell.queue_name) == 5


async def test_ringing_waits_for_nobody_and_harms_nobody_while_redis_is_frozen(
    own_doorbell: Doorbell, redis_server: Server
) -> None:
    assert isinstance(own_doorbell.redis, Redis)
    own_doorbell.redis.connection_pool.connection_kwargs["socket_timeout"] = 2 * PATIENCE  # not what ends the wait here
    bell = Bell(own_doorbell)
    redis_server.process.send_signal(signal.SIGSTOP)
    with capture_logs() as logs:
        for _ in range(200):
            bell.ring(ObjectId())
        await asyncio.wait_for(bell.close(), PATIENCE)
        assert [line["event"] for line in logs] == ["doorbell not heard, the sweep finds the jobs"]
        redis_server.process.send_signal(signal.SIGCONT)
        await _heard_again(bell, logs)


async def test_ringing_survives_a_redis_that_is_away_and_comes_back(
    own_doorbell: Doorbell, redis_server: Server, tmp_path: Path
) -> None:
    bell = Bell(own_doorbell)
    bell.ring(ObjectId())
    await bell.close()
    redis_server.kill()
    with capture_logs() as logs:
        for _ in range(20):
            bell.ring(ObjectId())
        await bell.close()
        assert [line["event"] for line in logs] == ["doorbell not heard, the sweep finds the jobs"]
        with start_redis(tmp_path / "again", urlsplit(redis_server.url).port or 0):
            await _heard_again(bell, logs)
            bell.ring(ObjectId())
            await bell.close()
    assert [line["event"] for line in logs][1:] == ["doorbell heard again"]


async def _heard_again(bell: Bell, logs: list[Any]) -> None:
    async def heard() -> bool:
        bell.ring(ObjectId())
        await bell.close()
        return len(logs) > 1

    await eventually(heard, "A ring that is heard")
    assert logs[1]["event"] == "doorbell heard again"


async def test_listening_ends_when_it_is_told_to_however_far_it_has_come(doorbell: Doorbell) -> None:
    for steps in range(40):
        listening = doorbell.listen()
        waiting = asyncio.create_task(anext(listening, None))
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        done, _ = await asyncio.wait([waiting], timeout=PATIENCE)
        assert done, f"it goes on when it is told after {steps} steps"
        await listening.aclose()
