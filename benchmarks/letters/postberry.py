"""Postberry's side: letters owed by transactions, rung for, and sent by its worker program."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from benchmarks.letters.cases import Case
from benchmarks.letters.measure import Figures, Sink, measure
from schema import indexes
from schema.database import Database, Transaction, connect
from schema.jobs import service
from schema.jobs.messages import Email
from settings import config
from settings.config import AppEnv, Settings
from tasks.broker import Bell, Doorbell
from tests.support.jobs import context
from tests.support.worker import ready_pids, running_worker

TOGETHER = 20


def settings_for(folder: Path, mongodb: str, redis: str, sink: Sink) -> Settings:
    """What the worker program gets, all else as it comes."""
    return config.load().model_copy(
        update={
            "app_env": AppEnv.PRODUCTION,
            "jwt_secret": SecretStr("a secret of the benchmark, 32 characters or more"),
            "db_url": mongodb,
            "redis_url": redis,
            "smtp_url": f"smtp://127.0.0.1:{sink.port}",
            "storage_url": f"file://{(folder / 'storage').resolve()}",
            "log_dir": (folder / "logs").resolve(),
            "rate_limit_enabled": False,  # all load comes from one address
        }
    )


def run(settings: Settings, sink: Sink, case: Case, warm: int, count: int) -> Figures:
    """Owe them all, then let one worker process send them."""
    asyncio.run(_owe(settings, [case.message(number) for number in range(count)]))
    with running_worker(settings):
        return measure(sink, lambda: ready_pids(settings)[-1], warm, count)


async def _owe(settings: Settings, messages: list[Email]) -> None:
    database = await connect(settings.db_url, app_name="benchmark")
    await indexes.create(database)
    doorbell = Doorbell(settings.redis_url)
    bell, waiting = Bell(doorbell), iter(messages)
    await asyncio.gather(*(_owe_each(database, bell, waiting) for _ in range(TOGETHER)))
    await bell.close()
    await doorbell.shutdown()
    await database.close()


async def _owe_each(database: Database, bell: Bell, messages: Iterator[Email]) -> None:
    owing = context(database, bell.ring, "benchmark")
    for message in messages:

        async def work(transaction: Transaction, message: Email = message) -> None:
            await service.owe(owing, transaction, message)

        await database.in_transaction(work)
