import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from odmantic import ObjectId
from typing_extensions import override

from schema.access import Role
from schema.database import Database, Transaction
from schema.engine import Document
from schema.files import service as files
from schema.files.model import File
from schema.jobs import service
from schema.jobs.messages import SalesReport
from schema.jobs.model import Job
from schema.jobs.service import Claim
from schema.money.model import Money
from schema.orders.model import Order, OrderLine, OrderStatus, OrderStep
from schema.reports import service as reports
from schema.storage import Storage
from schema.users.model import User
from settings.config import Settings
from tasks.errors import PermanentError, TemporaryError
from tasks.reports import Reporting
from tests.support.jobs import context, row, set_due
from tests.support.uploads import kept
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

START, END = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
MESSAGE = SalesReport(start=START, end=END)
COLUMNS = ["order", "date", "status", "product", "quantity", "price", "total", "currency"]
MINUTE = timedelta(minutes=1)


class _Slow(Storage):
    """A storage that waits for its test, at each piece or when it has them all."""

    def __init__(self, url: str, *, at_the_end: bool = False) -> None:
        super().__init__(url)
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._at_the_end = at_the_end

    @override
    async def put(self, key: str, pieces: AsyncIterator[bytes], content_type: str) -> None:
        async def slowly() -> AsyncIterator[bytes]:
            async for piece in pieces:
                await self._wait(not self._at_the_end)
                yield piece
            await self._wait(self._at_the_end)

        await super().put(key, slowly(), content_type)

    async def _wait(self, now: bool) -> None:  # noqa: FBT001
        if now:
            self.begun.set()
            await self.go_on.wait()


@pytest.fixture
async def owner_id(database: Database) -> ObjectId:
    email = "grace@example.com"
    grace = User(email=email, email_key=email, name="Grace", password_hash="none", role=Role.ADMIN)
    await database.engine.save(grace)
    return grace.id


@pytest.fixture
def reporting(database: Database, settings: Settings) -> Reporting:
    return Reporting(database, Storage(settings.storage_url))


async def _owe(database: Database, owner_id: ObjectId) -> ObjectId:
    async def work(transaction: Transaction) -> Document:
        return await service.owe(context(database), transaction, MESSAGE, owner_id)

    return ObjectId((await database.in_transaction(work))["_id"])


async def _claimed(database: Database, job_id: ObjectId) -> Claim:
    """As the next worker has it, once the lease of the one before is over."""
    await set_due(database, job_id)
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    return claim


def _line(name: str, quantity: int = 1, amount: int = 1999, currency_code: str = "EUR") -> OrderLine:
    price, total = (Money(amount=each, currency_code=currency_code) for each in (amount, amount * quantity))
    return OrderLine(product_id=ObjectId(), name=name, quantity=quantity, price=price, total=total)


async def _order(database: Database, at: datetime, number: str, *lines: OrderLine, **changes: Any) -> None:  # noqa: ANN401  # any field
    order = Order(
        user_id=ObjectId(),
        number=number,
        lines=list(lines) or [_line("Lamp")],
        total=Money(amount=1, currency_code="EUR"),
        history=[OrderStep(status=OrderStatus.PENDING, at=at)],
        created_at=at,
        **changes,
    )
    await database.engine.save(order)


async def _letters(database: Database) -> list[Document]:
    return await database.collection(Job).find({"kind": "REPORT_READY_EMAIL"}).to_list()


async def _content(reporting: Reporting, job_id: ObjectId) -> bytes:
    file = await files.find(reporting.database, job_id)
    assert file is not None
    return b"".join([piece async for piece in await reporting.storage.open(file["key"])])


def _table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


async def test_a_report_has_every_line_sold_in_its_period_the_oldest_first(
    reporting: Reporting, database: Database, owner_id: ObjectId
) -> None:
    await _order(database, START - timedelta(milliseconds=1), "BEFORE")
    await _order(database, END, "AFTER")
    await _order(database, END - timedelta(milliseconds=1), "LAST", _line("Vase", 1, 500, "JPY"))
    await _order(database, START + MINUTE, "SECOND", _line("Bed", 1, 5), status=OrderStatus.CANCELLED)
    await _order(database, START, "FIRST", _line("Oak Lamp", 2), _line('Chair, "small"', 3, 500))
    claim = await _claimed(database, await _owe(database, owner_id))
    await reporting.write_sales(claim, MESSAGE)
    assert _table(await _content(reporting, claim.id)) == [
        COLUMNS,
        ["FIRST", "2026-07-01T00:00:00+00:00", "PENDING", "Oak Lamp", "2", "19.99", "39.98", "EUR"],
        ["FIRST", "2026-07-01T00:00:00+00:00", "PENDING", 'Chair, "small"', "3", "5.00", "15.00", "EUR"],
        ["SECOND", "2026-07-01T00:01:00+00:00", "CANCELLED", "Bed", "1", "0.05", "0.05", "EUR"],
        ["LAST", "2026-07-31T23:59:59+00:00", "PENDING", "Vase", "1", "500", "500", "JPY"],
    ]
    assert (await row(database, claim.id))["progress"] == {"done": 4, "total": 4, "word": "lines written"}


async def test_a_product_that_is_named_like_a_formula_is_a_text(
    reporting: Reporting, database: Database, owner_id: ObjectId
) -> None:
    names = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1"]
    await _order(database, START, "A", *map(_line, names))
    claim = await _claimed(database, await _owe(database, owner_id))
    await reporting.write_sales(claim, MESSAGE)
    assert [line[3] for line in _table(await _content(reporting, claim.id))[1:]] == [f"'{name}" for name in names]


async def test_the_file_belongs_to_who_asked_and_a_letter_is_owed_to_them(
    reporting: Reporting, database: Database, owner_id: ObjectId
) -> None:
    await _order(database, START, "A")
    claim = await _claimed(database, await _owe(database, owner_id))
    await reporting.write_sales(claim, MESSAGE)
    file, content = await files.find(database, claim.id) or {}, await _content(reporting, claim.id)
    assert (file["owner_id"], file["name"], file["content_type"]) == (
        owner_id,
        "sales-2026-07-01-2026-08-01.csv",
        "text/csv",
    )
    assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert file["attached_at"] is not None
    (letter,) = await _letters(database)
    assert (letter["owner_id"], letter["request_id"]) == (owner_id, "request-1")
    assert letter["payload"] == {
        "to": "grace@example.com",
        "name": "Grace",
        "file_id": str(claim.id),
        "first_day": "2026-07-01",
        "last_day": "2026-07-31",
        "lines": 1,
    }


async def test_a_report_of_nothing_is_its_head(reporting: Reporting, database: Database, owner_id: ObjectId) -> None:
    claim = await _claimed(database, await _owe(database, owner_id))
    await reporting.write_sales(claim, MESSAGE)
    assert _table(await _content(reporting, claim.id)) == [COLUMNS]
    assert len(await _letters(database)) == 1


async def test_a_report_walks_along_an_index_and_sorts_nothing(database: Database) -> None:
    await _order(database, START, "A")
    pipeline = [{"$match": {"created_at": {"$gte": START, "$lt": END}}}, {"$sort": {"created_at": 1, "_id": 1}}]
    command = {"aggregate": "orders", "pipeline": pipeline, "hint": "newest", "cursor": {}}
    mongodb = database.client[database.engine.database_name]
    plan = str(await mongodb.command("explain", command, verbosity="queryPlanner"))
    assert "'stage': 'IXSCAN'" in plan
    assert "'stage': 'SORT'" not in plan
    assert [line["number"] async for line in reports.lines(database, MESSAGE)] == ["A"]


async def test_a_report_that_was_cut_off_is_written_by_the_next_attempt_once(
    database: Database, owner_id: ObjectId, settings: Settings, tmp_path: Path
) -> None:
    for number in range(3):
        await _order(database, START + number * MINUTE, f"A{number}")
    storage, job_id = _Slow(settings.storage_url), await _owe(database, owner_id)
    reporting = Reporting(database, storage)
    cut = asyncio.create_task(reporting.write_sales(await _claimed(database, job_id), MESSAGE))
    await storage.begun.wait()
    cut.cancel()
    await asyncio.wait([cut], timeout=30)
    assert cut.cancelled()
    assert await files.find(database, job_id) is None
    assert await _letters(database) == []
    storage.go_on.set()
    await reporting.write_sales(await _claimed(database, job_id), MESSAGE)
    assert len(_table(await _content(reporting, job_id))) == 4
    assert len(await _letters(database)) == 1
    await eventually(lambda: _is_alone(tmp_path), "One file in the storage")


async def _is_alone(tmp_path: Path) -> bool:
    return len(kept(tmp_path / "storage")) == 1


async def test_a_report_that_was_written_is_not_written_again(
    reporting: Reporting, database: Database, owner_id: ObjectId, tmp_path: Path
) -> None:
    """Its worker was killed after the file was there, before the job was recorded as done."""
    job_id = await _owe(database, owner_id)
    await reporting.write_sales(await _claimed(database, job_id), MESSAGE)
    before = await files.find(database, job_id)
    await _order(database, START, "LATE")
    await reporting.write_sales(await _claimed(database, job_id), MESSAGE)
    assert await files.find(database, job_id) == before
    assert _table(await _content(reporting, job_id)) == [COLUMNS]
    assert len(await _letters(database)) == 1
    assert len(kept(tmp_path / "storage")) == 1


async def test_two_attempts_at_once_leave_one_file_that_is_whole_and_one_letter(
    reporting: Reporting, database: Database, owner_id: ObjectId, settings: Settings, tmp_path: Path
) -> None:
    """A worker that stalls for longer than its lease goes on beside the one that took its job."""
    storage, job_id = _Slow(settings.storage_url), await _owe(database, owner_id)
    first = asyncio.create_task(Reporting(database, storage).write_sales(await _claimed(database, job_id), MESSAGE))
    await storage.begun.wait()
    await _order(database, START, "LATE")
    await reporting.write_sales(await _claimed(database, job_id), MESSAGE)
    storage.go_on.set()
    with pytest.raises(TemporaryError, match="CLAIM_LOST"):
        await first
    file, content = await files.find(database, job_id) or {}, await _content(reporting, job_id)
    assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert await database.collection(File).count_documents({}) == 1
    assert len(await _letters(database)) == 1
    assert len(kept(tmp_path / "storage")) == 1


async def test_an_attempt_that_comes_second_at_the_very_end_leaves_the_firsts_file_as_it_is(
    reporting: Reporting, database: Database, owner_id: ObjectId, settings: Settings, tmp_path: Path
) -> None:
    storage, job_id = _Slow(settings.storage_url, at_the_end=True), await _owe(database, owner_id)
    first = asyncio.create_task(Reporting(database, storage).write_sales(await _claimed(database, job_id), MESSAGE))
    await storage.begun.wait()
    await _order(database, START, "LATE")
    await reporting.write_sales(await _claimed(database, job_id), MESSAGE)
    storage.go_on.set()
    await first
    file, content = await files.find(database, job_id) or {}, await _content(reporting, job_id)
    assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert len(_table(content)) == 2
    assert len(await _letters(database)) == 1
    assert len(kept(tmp_path / "storage")) == 1


@pytest.mark.parametrize("changes", [{"role": "USER"}, {"deactivated_at": START}], ids=["demoted", "deactivated"])
async def test_who_may_not_have_reports_any_more_gets_none(
    reporting: Reporting, database: Database, owner_id: ObjectId, changes: Document, tmp_path: Path
) -> None:
    claim = await _claimed(database, await _owe(database, owner_id))
    await database.collection(User).update_one({"_id": owner_id}, {"$set": changes})
    with pytest.raises(PermanentError, match="NO_READER"):
        await reporting.write_sales(claim, MESSAGE)
    assert await files.find(database, claim.id) is None
    assert await _letters(database) == []
    assert kept(tmp_path / "storage") == []


async def test_a_worker_writes_a_report_and_sends_its_letter(
    database: Database, owner_id: ObjectId, settings: Settings
) -> None:
    await _order(database, START, "A")
    job_id = await _owe(database, owner_id)

    async def is_sent() -> bool:
        return [letter["status"] for letter in await _letters(database)] == ["SUCCEEDED"]

    with running_worker(settings):
        await eventually(is_sent, "The letter", 30)
    assert (await row(database, job_id))["status"] == "SUCCEEDED"
