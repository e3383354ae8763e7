"""Dump, lose, restore: with both programs, customers who go on, and all data really gone in between."""

import asyncio
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from odmantic import ObjectId
from pymongo import AsyncMongoClient

from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections, running_api
from tests.support.backups import succeed
from tests.support.catalog import add_product
from tests.support.orders import item, place
from tests.support.servers import start_mongodb
from tests.support.smtp import SmtpSink
from tests.support.uploads import PNG, upload
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

STOCK = 1_000_000
ME = "{ me { user { email } } }"
FILE = "query($id: ID!) { node(id: $id) { ... on File { url } } }"
REFRESH = """mutation($token: String!) {
  tokenRefresh(input: {refreshToken: $token}) { accessToken userErrors { code } }
}"""


@dataclass
class Before:
    """What was known before the dump."""

    product_id: ObjectId
    order_ids: set[str]
    refresh_token: str
    file_id: str
    file_url: str


@pytest.mark.parametrize("is_sent_before_the_loss", [False, True])
async def test_all_that_was_dumped_comes_back_and_what_was_owed_then_is_sent(
    settings: Settings, smtp_sink: SmtpSink, tmp_path: Path, *, is_sent_before_the_loss: bool
) -> None:
    with start_mongodb(tmp_path / "lost") as mongodb:
        settings = settings.model_copy(update={"db_url": mongodb.url})
        async with _shop(settings) as (client, collections):
            with running_worker(settings):
                before = await _be_customers(client, collections)
                await _all_sent(collections)
            sent = Counter(_message_ids(smtp_sink))
            ada = await client.signed_in()
            before.order_ids.add((await place(ada, item(before.product_id)))["order"]["id"])
            owed = {
                f"<{job['_id']}@postberry.localhost>" async for job in collections["jobs"].find({"status": "QUEUED"})
            }
            async with _buying(ada, before.product_id):
                await _back_up(settings, tmp_path)
            if is_sent_before_the_loss:
                with running_worker(settings):
                    await _all_sent(collections)
        mongodb.kill()
    shutil.rmtree(tmp_path / "lost")
    shutil.rmtree(tmp_path / "storage")
    with start_mongodb(tmp_path / "new") as mongodb:
        settings = settings.model_copy(update={"db_url": mongodb.url})
        await _restore(settings, tmp_path)
        async with _shop(settings) as (client, collections):
            await _find_everything(client, collections, before)
            with running_worker(settings):
                await _all_sent(collections)
            restored = {f"<{job['_id']}@postberry.localhost>" async for job in collections["jobs"].find()}
    letters = Counter(_message_ids(smtp_sink))
    assert {letter: letters[letter] for letter in sent} == dict.fromkeys(sent, 1)
    assert {letter: letters[letter] for letter in owed} == dict.fromkeys(owed, 2 if is_sent_before_the_loss else 1)
    assert restored <= set(letters)


@asynccontextmanager
async def _shop(settings: Settings) -> AsyncIterator[tuple[Client, Collections]]:
    """The API on this database, and the database."""
    with running_api(settings) as api:
        async with (
            httpx.AsyncClient(base_url=api.url, timeout=30) as http,
            AsyncMongoClient[dict[str, Any]](settings.db_url, tz_aware=True) as mongodb,
        ):
            yield Client(http), mongodb.get_default_database()


async def _be_customers(client: Client, collections: Collections) -> Before:
    product_id = await add_product(collections, stock=STOCK)
    await client.sign_up()
    tokens = await client.sign_in()
    ada = Client(client.http, tokens["accessToken"])
    order = (await place(ada, item(product_id)))["order"]
    file = (await upload(ada, PNG))["file"]
    return Before(product_id, {order["id"]}, tokens["refreshToken"], file["id"], file["url"])


async def _all_sent(collections: Collections) -> None:
    async def nothing_is_due() -> bool:
        return await collections["jobs"].find_one({"due": {"$exists": True}}) is None

    await eventually(nothing_is_due, "The last letter", 60)


def _message_ids(sink: SmtpSink) -> list[str]:
    return [letter.message["Message-ID"] for letter in sink.letters]


@asynccontextmanager
async def _buying(client: Client, product_id: ObjectId) -> AsyncIterator[None]:
    """Orders one after the other, all the time."""

    async def buy() -> None:
        while True:
            await place(client, item(product_id))

    buying = asyncio.create_task(buy())
    yield
    assert not buying.done()
    buying.cancel()
    with suppress(asyncio.CancelledError):
        await buying


async def _back_up(settings: Settings, folder: Path) -> None:
    """First MongoDB, then the files."""
    await succeed(settings, "dump", folder / "backup")
    subprocess.run(["cp", "-a", folder / "storage", folder / "backup" / "storage"], check=True)  # noqa: S607, ASYNC221


async def _restore(settings: Settings, folder: Path) -> None:
    await succeed(settings, "restore", folder / "backup")
    subprocess.run(["cp", "-a", folder / "backup" / "storage", folder / "storage"], check=True)  # noqa: S607, ASYNC221


async def _find_everything(client: Client, collections: Collections, before: Before) -> None:
    ada = await client.signed_in()
    me = (await ada.data(ME))["me"]
    assert me["user"]["email"] == "ada@example.com"
    assert (await client.data(REFRESH, {"token": before.refresh_token}))["tokenRefresh"]["userErrors"] == []
    for url in (before.file_url, (await ada.data(FILE, {"id": before.file_id}))["node"]["url"]):
        assert (await client.http.get(httpx.URL(url).raw_path.decode())).content == PNG
    await _is_one_moment(collections, before)


async def _is_one_moment(collections: Collections, before: Before) -> None:
    """Stock, orders and letters agree, and nothing is missing that was acknowledged before the dump."""
    orders = await collections["orders"].find().to_list()
    product = await collections["products"].find_one({"_id": before.product_id})
    assert product
    assert product["stock"] == STOCK - len(orders)
    assert len(orders) >= len(before.order_ids)
    assert await collections["jobs"].count_documents({"_id": {"$in": [order["job_id"] for order in orders]}}) == len(
        orders
    )
    assert before.order_ids <= {to_global_id("Order", order["_id"]) for order in orders}
