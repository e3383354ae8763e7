"""Reports: written from the database into the storage line by line, none of them held whole."""

import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import structlog
from odmantic import ObjectId

from schema.database import Database
from schema.engine import Document
from schema.files import service as files
from schema.files.formats import CSV
from schema.files.model import REPORTS, File
from schema.jobs import service
from schema.jobs.messages import SalesReport
from schema.jobs.service import Claim
from schema.money.model import decimal
from schema.reports import service as reports
from schema.reports.service import Reader, Report
from schema.storage import Storage
from schema.times import utc_now
from tasks import csv_text
from tasks.errors import PermanentError, TemporaryError

COLUMNS = ("order", "date", "status", "product", "quantity", "price", "total", "currency")

REPORT_SECONDS = 1.0
"""How often a report says how far it has got."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Written:
    """What has gone into the storage so far."""

    lines: int = 0
    size: int = 0
    sha256: "hashlib._Hash" = field(default_factory=hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Reporting:
    """Handles reports. The file has the job's id: however often a job is run, there is one, and one letter a reader."""

    database: Database
    storage: Storage

    async def write_sales(self, claim: Claim, message: SalesReport) -> None:
        """Write the report, unless an attempt before this one did."""
        if await files.find(self.database, claim.id):
            return
        readers = await reports.find_readers(self.database, claim.job["owner_id"], message)
        if not readers:
            raise PermanentError("NO_READER", "who asked for the report may not have it any more")
        await self._clear(claim)
        report = await self._store(claim, message, readers)
        if not await reports.hand_over(self.database, report):
            await self.storage.delete(report.file.key)
        log.info("report written", job=str(claim.id), lines=report.lines, bytes=report.file.size)

    async def _clear(self, claim: Claim) -> None:
        """Each attempt has a place of its own: one that was thought dead overwrites nothing. Its leavings go here."""
        for attempt in range(1, claim.attempt):
            await self.storage.delete(_key(claim.id, attempt))

    async def _store(self, claim: Claim, message: SalesReport, readers: Sequence[Reader]) -> Report:
        written, key = _Written(), _key(claim.id, claim.attempt)
        await self.storage.put(key, self._content(claim, message, written), CSV.content_type)
        file = File(
            id=claim.id,
            owner_id=claim.job["owner_id"],
            name=f"sales-{message.start:%Y-%m-%d}-{message.end:%Y-%m-%d}.csv",
            content_type=CSV.content_type,
            size=written.size,
            sha256=written.sha256.hexdigest(),
            key=key,
            attached_at=utc_now(),
        )
        return Report(claim.job, message, readers, file, written.lines)

    async def _content(self, claim: Claim, message: SalesReport, written: _Written) -> AsyncIterator[bytes]:
        total, told_at = await reports.count_lines(self.database, message), 0.0
        async for piece in csv_text.pieces(self._rows(message, written)):
            written.size += len(piece)
            written.sha256.update(piece)
            if time.monotonic() - told_at > REPORT_SECONDS:
                await self._tell(claim, written.lines, max(total, written.lines))
                told_at = time.monotonic()
            yield piece
        await self._tell(claim, written.lines, written.lines)

    async def _rows(self, message: SalesReport, written: _Written) -> AsyncIterator[Sequence[str]]:
        yield COLUMNS
        async for line in reports.lines(self.database, message):
            written.lines += 1
            yield _row(line)

    async def _tell(self, claim: Claim, done: int, total: int) -> None:
        if not await service.report_progress(self.database, claim, done, total, "lines written"):
            raise TemporaryError("CLAIM_LOST", "another worker goes on with it")


def _key(job_id: ObjectId, attempt: int) -> str:
    return f"{REPORTS}/{job_id}-{attempt}"


def _row(line: Document) -> Sequence[str]:
    sold, price, total = line["lines"], line["lines"]["price"], line["lines"]["total"]
    return (
        line["number"],
        line["created_at"].isoformat(timespec="seconds"),
        line["status"],
        sold["name"],
        str(sold["quantity"]),
        str(decimal(price["amount"], price["currency_code"])),
        str(decimal(total["amount"], total["currency_code"])),
        total["currency_code"],
    )
