"""A shop of one's own for each state of Redis: both programs, its database, its customers and its products."""

import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from odmantic import ObjectId
from pymongo import AsyncMongoClient

from benchmarks.letters.measure import Sink, cpu_seconds, running_sink
from benchmarks.letters.postberry import settings_for
from settings.config import Settings
from tests.support.application import Client, Collections, running_api
from tests.support.catalog import add_product, product_document
from tests.support.orders import item, place, signed_in
from tests.support.processes import Server, free_port
from tests.support.servers import start_mongodb, start_redis
from tests.support.waiting import eventually
from tests.support.worker import running_worker

FOLDER = Path("var/bench/redis-away")
CUSTOMERS, PRODUCTS = 50, 500
STOCK = 1_000_000
PATIENCE = 120
THERE, AWAY, FROZEN = STATES = ("there", "away", "frozen")


@dataclass(frozen=True)
class Programs:
    """Both programs of one shop, and how Redis is for them."""

    state: str
    settings: Settings
    api: Server


class Shop:
    """Takes orders, and knows what became of their letters."""

    def __init__(
        self, programs: Programs, clients: list[Client], collections: Collections, ids: list[ObjectId]
    ) -> None:
        self.state = programs.state
        self._api = programs.api
        self._collections = collections
        self._clients, self._products = itertools.cycle(clients), itertools.cycle(ids)

    async def order(self) -> None:
        """Place one, of a product that no other order is about just now."""
        payload = await place(next(self._clients), item(next(self._products)))
        if payload["userErrors"]:
            raise RuntimeError(payload["userErrors"])

    def api_seconds(self) -> float:
        """The CPU the API's processes have used so far."""
        children = Path(f"/proc/{self._api.pid}/task/{self._api.pid}/children").read_text().split()
        return sum(cpu_seconds(int(pid)) for pid in children)

    async def letter_milliseconds(self) -> list[float]:
        """How long each letter took from its commit until the mail server had it, once all have; then forget them.

        By the rows: a job is made shortly before its commit, and its attempt ends shortly after the letter was taken.
        """
        await eventually(self._are_sent, "The last letter", PATIENCE)
        jobs = await self._collections.jobs.find({}, {"status": 1, "created_at": 1, "attempts": 1}).to_list()
        await self._collections.jobs.delete_many({})
        if any(job["status"] != "SUCCEEDED" for job in jobs):
            raise RuntimeError("a letter was not sent")
        return [(job["attempts"][-1]["finished_at"] - job["created_at"]).total_seconds() * 1000 for job in jobs]

    async def _are_sent(self) -> bool:
        return await self._collections.jobs.find_one({"due": {"$exists": True}}, hint="bulk_due") is None


@contextmanager
def running_programs() -> Iterator[list[Programs]]:
    """Those of each state, on one MongoDB and one mail server."""
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
        sink = stack.enter_context(running_sink(FOLDER))
        yield [_run(stack, state, mongodb, sink) for state in STATES]


def _run(stack: ExitStack, state: str, mongodb: Server, sink: Sink) -> Programs:
    folder, port = FOLDER / state, free_port()
    redis = None if state == AWAY else stack.enter_context(start_redis(folder, port))
    url = mongodb.url.replace("/postberry?", f"/{state}_{ObjectId()}?")
    settings = settings_for(folder, url, f"redis://127.0.0.1:{port}/0", sink)
    api = stack.enter_context(running_api(settings))
    stack.enter_context(running_worker(settings))
    if redis and state == FROZEN:
        redis.process.send_signal(signal.SIGSTOP)
    return Programs(state, settings, api)


@asynccontextmanager
async def opened(every: list[Programs]) -> AsyncIterator[list[Shop]]:
    """Their shops, with customers who are signed in and more of each product than will be sold."""
    async with AsyncExitStack() as stack:
        yield [await _open(stack, programs) for programs in every]


async def _open(stack: AsyncExitStack, programs: Programs) -> Shop:
    mongodb = await stack.enter_async_context(AsyncMongoClient[dict[str, Any]](programs.settings.db_url, tz_aware=True))
    http = await stack.enter_async_context(httpx.AsyncClient(base_url=programs.api.url, timeout=60))
    collections = mongodb.get_default_database()
    names = [f"customer{number}" for number in range(CUSTOMERS)]
    clients = await signed_in(Client(http), collections, programs.settings, names)
    return Shop(programs, clients, collections, await _products(collections))


async def _products(collections: Collections) -> list[ObjectId]:
    first = await add_product(collections, stock=STOCK)
    found = await collections.products.find_one({"_id": first})
    places = ((found or {})["category_id"],)
    documents = [product_document(places, stock=STOCK) for _ in range(PRODUCTS)]
    await collections.products.insert_many(documents)
    return [ObjectId(document["_id"]) for document in documents]
