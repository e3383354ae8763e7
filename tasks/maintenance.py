"""What keeps the database and the storage small."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from schema.database import Database
from schema.files import service as files
from schema.jobs import archive, service
from schema.jobs.messages import JobArchive, UploadCleanup
from schema.jobs.service import Claim
from schema.storage import Storage
from schema.times import utc_now
from tasks.errors import TemporaryError

ON_TRIAL = timedelta(days=1)
"""How long a file is kept that nothing needs."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Each method is a handler; each may be stopped anywhere, and goes on where it was when it is run again."""

    database: Database
    storage: Storage

    async def clean_uploads(self, claim: Claim, _message: UploadCleanup) -> None:
        """Discard files that nothing needed within a day."""
        before, done = utc_now() - ON_TRIAL, 0
        while discarded := await files.discard_unattached(self.database, self.storage, before):
            done += discarded
            await self._report(claim, done, "files discarded")
        log.info("files discarded", files=done)

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
