"""Announcements: a job that owes jobs, a letter for each user."""

from dataclasses import dataclass

import structlog
from odmantic import ObjectId

from schema.announcements import service as announcements
from schema.database import Database
from schema.engine import Document
from schema.jobs import service
from schema.jobs.messages import AnnouncementDelivery
from schema.jobs.service import Claim
from tasks.errors import PermanentError, TemporaryError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Announcing:
    """Handles deliveries; one that was cut off goes on where it was."""

    database: Database

    async def deliver(self, claim: Claim, message: AnnouncementDelivery) -> None:
        """Owe the letters, some at a time."""
        announcement = await announcements.find(self.database, ObjectId(message.announcement_id))
        if announcement is None:
            raise PermanentError("NO_ANNOUNCEMENT", f"there is no announcement {message.announcement_id}")
        total, request_id = await announcements.count_readers(self.database, announcement), claim.job["request_id"]
        await self._tell(claim, announcement, total)
        while noted := await announcements.owe_next(self.database, announcement, request_id):
            announcement = noted
            await self._tell(claim, announcement, max(total, announcement["owed"]))
        await self._tell(claim, announcement, announcement["owed"])
        log.info("announcement owed to all", job=str(claim.id), letters=announcement["owed"])

    async def _tell(self, claim: Claim, announcement: Document, total: int) -> None:
        if not await service.report_progress(self.database, claim, announcement["owed"], total, "letters owed"):
            raise TemporaryError("CLAIM_LOST", "another worker goes on with it")
