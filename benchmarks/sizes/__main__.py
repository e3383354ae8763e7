"""`make sizes`: bytes of documents and indexes, costs of requests, and the arithmetic for three sizes of shop.

It fills a MongoDB of its own through the product's models, then asks the real API over HTTP and lets the real worker
send the letters that were owed by it. DOCUMENTS=20000 of each collection, SECONDS=4 for each kind of request.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database as MongoDatabase

from benchmarks.letters.measure import cpu_seconds, running_sink
from benchmarks.letters.postberry import settings_for
from benchmarks.sizes import arithmetic, fill
from benchmarks.sizes.arithmetic import MIX, RATES, Machines, Size
from benchmarks.sizes.costs import Cost, Shop
from schema import indexes
from schema.database import connect
from schema.engine import Document
from schema.jobs import archive
from schema.times import utc_now
from settings.config import Settings
from tests.support import variables
from tests.support.application import Client, running_api
from tests.support.orders import signed_in
from tests.support.processes import Server
from tests.support.servers import start_mongodb, start_redis
from tests.support.waiting import until
from tests.support.worker import ready_pids, running_worker

FOLDER = Path("var/bench/sizes")
DOCUMENTS = variables.whole(os.environ, "DOCUMENTS", 20_000, least=100)
SECONDS = variables.number(os.environ, "SECONDS", 4, least=1)


def main() -> int:
    """0; it judges nothing."""
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb", cache_gigabytes=2))
        redis = stack.enter_context(start_redis(FOLDER))
        sink = stack.enter_context(running_sink(FOLDER))
        client = stack.enter_context(MongoClient[Document](mongodb.url, tz_aware=True, w=1))
        url = mongodb.url.replace("/postberry?", f"/sizes_{os.getpid()}?")
        settings = settings_for(FOLDER, url, redis.url, sink).model_copy(update={"cron_enabled": False})
        try:
            _report(settings, mongodb, client)
        finally:
            client.drop_database(f"sizes_{os.getpid()}")
    return 0


def _report(settings: Settings, mongodb: Server, client: MongoClient[Document]) -> None:
    database = client[f"sizes_{os.getpid()}"]
    sizes = _sizes(settings, database)
    _print_sizes(sizes)
    costs = asyncio.run(_costs(settings, mongodb, client))
    letter, rate = _letter(settings, mongodb, client)
    _print_costs(costs | {"a letter (worker)": letter})
    print(f"\nOne worker process sent {rate:.0f} letters a second. Archiving: {_archived(settings):.0f} jobs a second.")
    for each in RATES:
        _print_machines(Machines(each, arithmetic.mean(costs), letter), sizes)


def _sizes(settings: Settings, database: MongoDatabase[Document]) -> dict[str, Size]:
    asyncio.run(_create_indexes(settings.db_url))
    fill.fill(database, DOCUMENTS)
    return {name: _size(database, name) for name in fill.collections()}


async def _create_indexes(url: str) -> None:
    database = await connect(url, app_name="benchmark")
    await indexes.create(database)
    await database.close()


def _size(database: MongoDatabase[Document], name: str) -> Size:
    database.client.admin.command("fsync")  # sizes are of what is on disk
    stats: dict[str, Any] = database.command("collStats", name)
    count = stats["count"]
    indexed = {index: size / count for index, size in stats["indexSizes"].items()}
    return Size(stats["avgObjSize"], stats["storageSize"] / count, indexed)


def _print_sizes(sizes: Mapping[str, Size]) -> None:
    print(f"{'bytes a document':18}{'BSON':>7}{'disk':>7}{'indexes':>9}   each index ({DOCUMENTS:,} documents)")
    for name, size in sizes.items():
        each = ", ".join(f"{index} {bytes_:.0f}" for index, bytes_ in size.indexes.items())
        print(f"{name:18}{size.bson:7.0f}{size.disk:7.0f}{size.index:9.0f}   {each}", flush=True)


async def _costs(settings: Settings, mongodb: Server, client: MongoClient[Document]) -> dict[str, Cost]:
    async with AsyncExitStack() as stack:
        api = stack.enter_context(running_api(settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=api.url, timeout=60))
        asynchronous = AsyncMongoClient[Document](settings.db_url, tz_aware=True)
        collections = (await stack.enter_async_context(asynchronous)).get_default_database()
        clients = await signed_in(Client(http), collections, settings, [f"visitor{number}" for number in range(50)])
        products = await collections["products"].find({"is_archived": False}).to_list(500)
        ids = [product["_id"] for product in products]
        await collections["products"].update_many({"_id": {"$in": ids}}, {"$set": {"stock": 10**9, "in_stock": True}})
        users = await collections["users"].find({"deactivated_at": None, "password_hash": {"$ne": "none"}}).to_list(500)
        shop = Shop(api, mongodb, client, clients, ids, [user["email"] for user in users])
        return {kind: await shop.cost(ask, SECONDS) for kind, ask in shop.kinds().items()}


def _letter(settings: Settings, mongodb: Server, client: MongoClient[Document]) -> tuple[Cost, float]:
    """What a letter costs the worker and MongoDB, and how many one process sends a second, all at once."""
    jobs, owed = client[f"sizes_{os.getpid()}"]["jobs"], {"due": {"$exists": True}}
    fill.owe(jobs.database, DOCUMENTS // 4)
    with running_worker(settings):
        worker, began, count = ready_pids(settings)[-1], time.monotonic(), jobs.count_documents(owed)
        before = _spent(worker, mongodb, client)
        until(lambda: jobs.find_one(owed, {"_id": 1}, hint="bulk_due") is None, "The last letter", 600)
        took, after = time.monotonic() - began, _spent(worker, mongodb, client)
    sending, keeping, commands, received = ((now - then) / count for now, then in zip(after, before, strict=True))
    return Cost(sending * 1e6, keeping * 1e6, commands, 0, received), count / took


def _spent(worker: int, mongodb: Server, client: MongoClient[Document]) -> tuple[float, float, int, int]:
    network = client.admin.command("serverStatus")["network"]
    return cpu_seconds(worker), cpu_seconds(mongodb.pid), network["numRequests"], network["bytesOut"]


def _archived(settings: Settings) -> float:
    async def run() -> float:
        database = await connect(settings.db_url, app_name="benchmark")
        began, done = time.monotonic(), 0
        while moved := await archive.archive(database, utc_now() - timedelta(days=90)):
            done += moved
        await database.close()
        return done / (time.monotonic() - began)

    return asyncio.run(run())


def _print_costs(costs: Mapping[str, Cost]) -> None:
    print(f"\n{'each':20}{'of 100':>8}{'API us':>9}{'MongoDB us':>12}{'commands':>10}{'bytes':>8}{'from MongoDB':>14}")
    for kind, cost in costs.items():
        api, mongodb, commands, out, received = astuple(cost)
        share = f"{MIX[kind] * 100:.1f}" if kind in MIX else ""
        print(f"{kind:20}{share:>8}{api:9.0f}{mongodb:12.0f}{commands:10.1f}{out:8.0f}{received:14.0f}")


def _print_machines(machines: Machines, sizes: Mapping[str, Size]) -> None:
    (api, worker), kept = machines.processes, arithmetic.after_a_year(machines.rate, sizes)
    data, indexed = (sum(each[place] for each in kept.values()) / 1e9 for place in (1, 2))
    print(f"\n{machines.rate:,} requests a second, {machines.letters:,.2f} letters a second:")
    print(
        f"  API     {machines.api_cores:10,.2f} cores {api:9,} processes {machines.megabits:10,.1f} Mbit/s to clients"
    )
    print(f"  worker  {machines.worker_cores:10,.2f} cores {worker:9,} processes")
    print(f"  MongoDB {machines.mongodb_cores:10,.2f} cores {machines.commands:9,.0f} commands/s", end="")
    print(f" {machines.connections:9,} connections at most")
    print(
        f"  after a year, {arithmetic.AVERAGE:.0%} of that on average: {data:,.1f} GB data, {indexed:,.1f} GB indexes"
    )
    for name, (documents, bytes_, index) in kept.items():
        print(f"    {name:16}{documents / 1e6:12,.1f} million{bytes_ / 1e9:10,.2f} GB{index / 1e9:10,.2f} GB indexes")


if __name__ == "__main__":
    sys.exit(main())
