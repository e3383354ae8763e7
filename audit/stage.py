"""The API as it is run in production, on servers of its own, and those who ask it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from audit.findings import FoundError
from schema.nodes import to_global_id
from settings import config
from settings.config import AppEnv, Settings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections, running_api
from tests.support.catalog import add_product
from tests.support.orders import item, place
from tests.support.servers import start_mongodb, start_redis
from tests.support.smtp import smtp_sink
from tests.support.worker import logged

FOLDER = Path("var/audit")
PRODUCTS = 30


@dataclass(frozen=True)
class Stage:
    """A running API, and the access tokens of two who may use it: nobody but them has an account."""

    url: str
    customer: str
    administrator: str
    settings: Settings
    ids: str
    """JSON: ids of things that are there, by the names of arguments that want them."""

    @property
    def graphql(self) -> str:
        """Where it is asked."""
        return f"{self.url}/graphql"

    def faults(self) -> list[str]:
        """What it has logged so far of faults of its own."""
        return [str(line["event"]) for line in logged(self.settings) if line["level"] in {"error", "critical"}]


@contextmanager
def staged(name: str, **changes: object) -> Iterator[Stage]:
    """The API with these settings, else as in production; FoundError when nobody can buy anything there."""
    folder = (FOLDER / name).resolve()
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(folder / "mongodb"))
        redis = stack.enter_context(start_redis(folder))
        mail = stack.enter_context(smtp_sink())
        settings = _settings(folder, mongodb.url, redis.url, mail.url).model_copy(update=changes)
        _forget(settings)
        api = stack.enter_context(running_api(settings))
        customer, admin, ids = _filled(api.url, settings)
        yield Stage(api.url, customer, admin, settings, ids)


def _settings(folder: Path, mongodb: str, redis: str, mail: str) -> Settings:
    return config.load().model_copy(
        update={
            "app_env": AppEnv.PRODUCTION,
            "jwt_secret": SecretStr("a secret of the audit, 32 characters or more"),
            "db_url": mongodb.replace("/postberry?", f"/{folder.name}?"),
            "redis_url": redis,
            "smtp_url": mail,
            "storage_url": f"file://{folder / 'storage'}",
            "log_dir": folder / "logs",
        }
    )


def _forget(settings: Settings) -> None:
    """The log of last time."""
    for log in settings.log_dir.glob("*.log*"):
        log.unlink()


def _filled(url: str, settings: Settings) -> tuple[str, str, str]:
    """What the shop was filled with; FoundError when it does not answer as a shop does."""
    try:
        return asyncio.run(_populated(url, settings))
    except (AssertionError, LookupError, TypeError, ValueError, httpx.HTTPError) as error:
        raise FoundError("there is no shop to ask: it refuses to be filled", [repr(error)]) from error


async def _populated(url: str, settings: Settings) -> tuple[str, str, str]:
    """The tokens of a customer and an administrator of a shop that has something to sell, and ids of what is there."""
    async with (
        AsyncMongoClient[dict[str, Any]](settings.db_url, tz_aware=True) as mongodb,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        collections, client = mongodb.get_default_database(), Client(http)
        for name in await collections.list_collection_names():
            await collections[name].delete_many({})
        products = [await add_product(collections, name=f"Oak Lamp {number}") for number in range(PRODUCTS)]
        customer = await client.signed_up()
        admin = await administrator(client, collections)
        order = (await place(customer, item(products[0])))["order"]["id"]
        return customer.token or "", admin.token or "", await _ids(collections, order)


async def _ids(collections: Collections, order: str) -> str:
    of: dict[str, list[str]] = {}
    for kind, name in (("Product", "products"), ("Category", "categories"), ("Job", "jobs")):
        of[kind] = [to_global_id(kind, each["_id"]) async for each in collections[name].find().limit(5)]
    named = {"productId": of["Product"], "categoryId": of["Category"], "parentId": of["Category"], "orderId": [order]}
    return json.dumps(named | {"": [*of["Product"], *of["Category"], *of["Job"], order]})
