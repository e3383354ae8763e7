"""What keeps the database and the storage small."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from schema.database import Database
from schema.files import ownership
from schema.files import service as files
from schema.files.model import REPORTS, UPLOADS
from schema.jobs import archive, service
from schema.jobs.messages import JobArchive, ReportCleanup, UploadCleanup
from schema.jobs.service import Claim
from schema.storage import Storage
from schema.times import utc_now
from tasks.errors import TemporaryError

ON_TRIAL = timedelta(days=1)
"""How long a file is kept that nothing needs; also how long one may take to be written."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Each method is a handler; each may be stopped anywhere, and goes on where it was when it is run again."""

    database: Database
    storage: Storage

    async def clean_uploads(self, claim: Claim, _message: UploadCleanup) -> None:
        """Discard files that nothing needed within a day, and what killed processes left in the storage."""
        before, done = utc_now() - ON_TRIAL, 0
        while discarded := await files.discard_unattached(self.database, self.storage, before):
            done += discarded
            await self._report(claim, done, "files discarded")
        if await ownership.owns(self.database, self.storage):
            for place in (UPLOADS, REPORTS):
                done = await self._clean_storage(claim, place, before, done)
        log.info("files discarded", files=done)

    async def _clean_storage(self, claim: Claim, place: str, before: datetime, done: int) -> int:
        done += await self.storage.discard_staged(place, before)
        async for page in self.storage.pages(place):
            old = [kept.key for kept in page if kept.written_at < before]
            done += await files.discard_unknown(self.database, self.storage, old)
            await self._report(claim, done, "files discarded")
        return done

    async def clean_reports(self, claim: Claim, message: ReportCleanup) -> None:
        """Discard reports that were written long ago."""
        before, done = utc_now() - timedelta(days=message.days), 0
        while discarded := await files.discard_reports(self.database, self.storage, before):
            done += discarded
            await self._report(claim, done, "reports discarded")
        log.info("reports discarded", reports=done)

    async def archive_jobs(self, claim: Claim, message: JobArchive) -> None:
        """Move jobs out of the way that were over long ago."""
        before, done = utc_now() - timedelta(days=message.days), 0
        while moved := await archive.archive(self.database, before):
            done += moved
            await self._report(claim, done, "jobs archived")
        log.info("jobs archived", jobs=done)

    async def _report(self, claim: Claim, done: int, word: str) -> None:
        if not await service.report_progress(self.database, claim, done, done, word):
            raise TemporaryError("CLAIM_LOST", "another worker goes on with it")
