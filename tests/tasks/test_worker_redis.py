from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from schema.database import Database
from settings.config import Settings
from tasks.broker import Bell, Doorbell
from tests.support.jobs import owe, reached
from tests.support.processes import Server
from tests.support.servers import start_redis
from tests.support.smtp import SmtpSink
from tests.support.waiting import until
from tests.support.worker import ready_pids, running_worker

pytestmark = pytest.mark.anyio


def _listened(url: str, times: int) -> None:
    with Redis.from_url(url) as redis:
        until(
            lambda: redis.info("commandstats").get("cmdstat_brpop", {}).get("calls", 0) >= times,
            f"{times} rounds of listening",
        )


async def test_no_worker_process_dies_of_an_idle_or_restarted_redis(
    settings: Settings, database: Database, smtp_sink: SmtpSink, redis_server: Server, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"redis_url": redis_server.url})
    with running_worker(settings):
        _listened(redis_server.url, 7)  # a second each: longer than any time limit of a socket
        redis_server.kill()
        with start_redis(tmp_path / "again", urlsplit(redis_server.url).port or 0):
            _listened(redis_server.url, 1)
            doorbell = Doorbell(redis_server.url)
            bell = Bell(doorbell)
            await reached(database, await owe(database, ring=bell.ring), "SUCCEEDED")
            await bell.close()
            await doorbell.shutdown()
            assert len(ready_pids(settings)) == 1
    assert len(smtp_sink.letters) == 1
