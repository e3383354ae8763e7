"""What may be done with a report: asking for it, reading its lines, and handing it over."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from odmantic import ObjectId
from pymongo.errors import DuplicateKeyError

from schema.access import GRANTS, Permission, Role, Viewer
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.files.model import File
from schema.jobs import service as jobs
from schema.jobs.messages import DailySalesReport, ReportReadyEmail, SalesReport
from schema.orders.model import Order
from schema.reports.model import NewReport
from schema.users.model import User

LINES_AT_ONCE = 1_000
"""Lines that MongoDB sends at once: what memory holds of a report."""

_LINE = ("number", "created_at", "status", "lines.name", "lines.quantity", "lines.price", "lines.total")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter about a report; without a name, the settings name the address."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report whose content is in the storage, and the job that asked for it."""

    job: Document
    message: SalesReport
    readers: Sequence[Reader]
    file: File
    lines: int


async def request(context: Context, viewer: Viewer, form: NewReport) -> Document:
    """Owe a report; answers its job."""

    async def work(transaction: Transaction) -> Document:
        message = SalesReport(start=form.start, end=form.end)
        return await jobs.owe(context, transaction, message, viewer.id)

    return await context.in_transaction(work)


async def find_readers(database: Database, owner_id: ObjectId | None, message: SalesReport) -> list[Reader]:
    """Who gets a letter about the report: those it names, else who asked for it, if they may have it still."""
    if isinstance(message, DailySalesReport):
        return [Reader(address) for address in message.to]
    user = await _find_administrator(database, owner_id)
    return [Reader(user["email"], user["name"])] if user else []


async def may_be_sent(database: Database, file: Document) -> bool:
    """Whether who asked for the report may have it still; what nobody asked for is for those it was written for."""
    return file["owner_id"] is None or await _find_administrator(database, file["owner_id"]) is not None


async def _find_administrator(database: Database, user_id: ObjectId | None) -> Document | None:
    """The user, if they may have reports: since they asked, they may have lost that."""
    found = {"_id": user_id, "deactivated_at": None}
    user = await database.collection(User).find_one(found, {"email": 1, "name": 1, "role": 1})
    return user if user and Permission.REPORTS_MANAGE in GRANTS[Role(user["role"])] else None


async def count_lines(database: Database, message: SalesReport) -> int:
    """How many lines the report has now."""
    sizes: Document = {"$group": {"_id": None, "lines": {"$sum": {"$size": "$lines"}}}}
    async with await database.collection(Order).aggregate([_sold(message), sizes], hint="newest") as cursor:
        return sum([group["lines"] async for group in cursor])


async def lines(database: Database, message: SalesReport) -> AsyncIterator[Document]:
    """Every line of an order as a document: the order's number, date and status, and under `lines` the one line."""
    along_the_index: Document = {"$sort": {"created_at": 1, "_id": 1}}
    pipeline = [_sold(message), along_the_index, {"$project": dict.fromkeys(_LINE, 1)}, {"$unwind": "$lines"}]
    orders = database.collection(Order)
    async with await orders.aggregate(pipeline, hint="newest", batchSize=LINES_AT_ONCE) as cursor:
        async for line in cursor:
            yield line


def _sold(message: SalesReport) -> Document:
    return {"$match": {"created_at": {"$gte": message.start, "$lt": message.end}}}


async def hand_over(database: Database, report: Report) -> bool:
    """Keep the report's file and owe the letters about it. False: another attempt at the same job has done so."""

    async def work(transaction: Transaction) -> None:
        files = database.collection(File)
        await files.insert_one(report.file.model_dump_doc(), session=transaction.session)
        letters = {f"report:{report.file.id}:{reader.email}": _letter(report, reader) for reader in report.readers}
        await jobs.owe_many_once(transaction, report.job["request_id"], letters, report.file.owner_id)

    try:
        await database.in_transaction(work)
    except DuplicateKeyError:
        return False
    return True


def _letter(report: Report, reader: Reader) -> ReportReadyEmail:
    return ReportReadyEmail(
        to=reader.email,
        name=reader.name,
        file_id=str(report.file.id),
        first_day=_day(report.message.start),
        last_day=_day(report.message.end - timedelta.resolution),
        lines=report.lines,
    )


def _day(time: datetime) -> str:
    return time.date().isoformat()
