"""The memory of one worker over 100,000 letters: `python -m benchmarks.letters.memory`."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.letters.cases import CASES, Case
from benchmarks.letters.measure import resident_megabytes, running_sink
from benchmarks.letters.postberry import settings_for
from schema import indexes
from schema.database import Transaction, connect
from schema.jobs import service
from tests.support.servers import start_mongodb, start_redis
from tests.support.worker import ready_pids, running_worker

FOLDER = Path("var/bench/letters-memory")
COUNT, BATCH = 100_000, 1_000
MARKS = (10_000, 25_000, 50_000, 75_000, 100_000)
MOST_GROWTH = 1.1
"""How much more than after the first mark the worker may hold after the last."""


def main() -> int:
    """0 when the memory is as good as flat."""
    case = CASES["welcome"]
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
        redis = stack.enter_context(start_redis(FOLDER))
        sink = stack.enter_context(running_sink(FOLDER))
        settings = settings_for(FOLDER, mongodb.url, redis.url, sink)
        asyncio.run(_owe(settings.db_url, case))
        before = len(ready_pids(settings))
        stack.enter_context(running_worker(settings))
        pid, held = ready_pids(settings)[before], []
        for mark in MARKS:
            sink.wait(mark)
            held.append(resident_megabytes(pid))
            print(f"{mark:>8,} letters: {held[-1]:.1f} MB", flush=True)
    return int(held[-1] > held[0] * MOST_GROWTH)


async def _owe(url: str, case: Case) -> None:
    database = await connect(url, app_name="benchmark")
    await indexes.create(database)
    for first in range(0, COUNT, BATCH):

        async def work(transaction: Transaction, first: int = first) -> None:
            messages = {f"letter-{number}": case.message(number) for number in range(first, first + BATCH)}
            await service.owe_many_once(transaction, "benchmark", messages)

        await database.in_transaction(work)
    await database.close()


if __name__ == "__main__":
    sys.exit(main())
