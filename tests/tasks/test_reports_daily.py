"""The report of each day's sales, which the clock owes."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from odmantic import ObjectId

from schema.access import Role
from schema.database import Database
from schema.engine import Document
from schema.files import service as files
from schema.jobs import service
from schema.jobs.messages import DailySalesReport
from schema.jobs.model import Job
from schema.jobs.service import Claim
from schema.money.model import Money
from schema.nodes import to_global_id
from schema.orders.model import Order, OrderLine, OrderStatus, OrderStep
from schema.storage import Storage
from schema.times import utc_now
from settings.config import Settings
from tasks import cron
from tasks.cron import Cron
from tasks.reports import Reporting
from tests.support.application import Client, Collections, serving
from tests.support.jobs import set_due
from tests.support.orders import signed_in
from tests.support.smtp import Letter, SmtpSink
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

TO = ("ada@example.com", "grace@example.com")
FILE = "query($id: ID!) { node(id: $id) { ... on File { name } } }"


@pytest.fixture
def daily(settings: Settings) -> Settings:
    """Settings that ask for the report."""
    return settings.model_copy(update={"cron_enabled": True, "sales_report_to": TO})


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    """The API within the test's process."""
    async with serving(settings) as client:
        yield client


@pytest.fixture
def reporting(database: Database, settings: Settings) -> Reporting:
    return Reporting(database, Storage(settings.storage_url))


def _midnight() -> datetime:
    return utc_now().replace(hour=0, minute=0, second=0, microsecond=0)


async def _order(database: Database, at: datetime, number: str) -> None:
    price = Money(amount=1999, currency_code="EUR")
    order = Order(
        user_id=ObjectId(),
        number=number,
        lines=[OrderLine(product_id=ObjectId(), name="Lamp", quantity=1, price=price, total=price)],
        total=price,
        history=[OrderStep(status=OrderStatus.PENDING, at=at)],
        created_at=at,
    )
    await database.engine.save(order)


async def _find(database: Database, kind: str) -> list[Document]:
    return await database.collection(Job).find({"kind": kind}).to_list()


async def _claimed(database: Database) -> Claim:
    """The report of yesterday, once the lease of whoever had it before is over."""
    end = _midnight()
    await service.owe_once(database, DailySalesReport(start=end - timedelta(days=1), end=end, to=TO), "a day")
    (job,) = await _find(database, "DAILY_SALES_REPORT")
    await set_due(database, job["_id"])
    claim = await service.claim(database, "worker-1", job["_id"])
    assert claim is not None
    return claim


def _message(claim: Claim) -> DailySalesReport:
    return DailySalesReport.model_validate(claim.job["payload"])


def _path(letter: Letter) -> str:
    body = letter.message.get_body(("plain",))
    assert body is not None
    (path,) = re.findall(r"/files/\S+", body.get_content())
    return str(path)


async def test_workers_that_all_look_at_the_clock_send_yesterdays_sales_to_each_address_once(
    database: Database, daily: Settings, client: Client, smtp_sink: SmtpSink
) -> None:
    end = _midnight()
    for number, at in enumerate((end - timedelta(days=2), end - timedelta(hours=1), end)):
        await _order(database, at, f"ORDER-{number}")
    entries = cron.entries(daily.model_copy(update={"nightly_hour": 0}))
    await asyncio.gather(*(Cron(database, entries).look() for _ in range(5)))
    with ExitStack() as workers:
        for _ in range(2):
            workers.enter_context(running_worker(daily.model_copy(update={"cron_enabled": False})))
        letters = await smtp_sink.arrived(2, deadline=30)
        await eventually(lambda: _all_are_done(database), "The end of all jobs", 30)
    assert sorted(letter.recipients for letter in smtp_sink.letters) == [(address,) for address in TO]
    for letter in letters:
        table = csv.reader(io.StringIO((await client.http.get(_path(letter))).text))
        assert [line[0] for line in table] == ["order", "ORDER-1"]


async def _all_are_done(database: Database) -> bool:
    return await database.collection(Job).count_documents({"status": {"$ne": "SUCCEEDED"}}) == 0


async def test_a_worker_owes_the_report_by_itself(database: Database, daily: Settings, smtp_sink: SmtpSink) -> None:
    with running_worker(daily):
        await smtp_sink.arrived(2, deadline=30)
    assert len(await _find(database, "DAILY_SALES_REPORT")) == 1


async def test_a_report_that_is_written_again_owes_no_other_letter(reporting: Reporting, database: Database) -> None:
    for _ in range(2):
        claim = await _claimed(database)
        await reporting.write_sales(claim, _message(claim))
    letters = await _find(database, "REPORT_READY_EMAIL")
    assert sorted(letter["recipient"] for letter in letters) == list(TO)
    assert {letter["owner_id"] for letter in letters} == {None}
    assert {letter["watchable"] for letter in letters} == {False}


async def test_its_file_is_nobodys_and_shown_to_administrators_alone(
    reporting: Reporting, database: Database, collections: Collections, client: Client, settings: Settings
) -> None:
    claim = await _claimed(database)
    await reporting.write_sales(claim, _message(claim))
    file = await files.find(database, claim.id) or {}
    assert (file["owner_id"], file["content_type"]) == (None, "text/csv")
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    (grace,) = await signed_in(client, collections, settings, ["Grace"], Role.ADMIN)
    file_id = {"id": to_global_id("File", claim.id)}
    assert (await ada.data(FILE, file_id))["node"] is None
    assert (await client.data(FILE, file_id))["node"] is None
    assert (await grace.data(FILE, file_id))["node"] == {"name": file["name"]}
    assert (await client.http.get(f"/files/{claim.id}")).status_code == 403
