"""What a letter needs beside its message, found out when it is written: so no plain token is ever stored in a job."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from odmantic import ObjectId

from schema.announcements import service as announcements
from schema.announcements.model import UNSUBSCRIBE
from schema.confirmations import service as confirmations
from schema.confirmations.model import Purpose
from schema.database import Database
from schema.files import service as files
from schema.files.model import PATH
from schema.jobs.messages import AnnouncementEmail, Email, PasswordResetEmail, ReportReadyEmail, SignUpEmail
from schema.reports import service as reports
from schema.signatures import SignedUrls
from schema.users.model import User
from tasks.batches import Batches

REPORT_HOURS = 3 * 24
"""How long a letter's link to a report is good."""

UNSUBSCRIBE_HOURS = 366 * 24
"""How long a letter's link to unsubscribe is good."""

Facts = dict[str, str]


class Research:
    """Finds the facts for letters. `site` is where links to pages lead, `urls` signs those to the API itself."""

    def __init__(self, database: Database, site: str, urls: SignedUrls) -> None:
        self._database = database
        self._site = site
        self._urls = urls
        self._tokens = Batches(partial(confirmations.issue, database))
        self._finders: Mapping[type[Email], Callable[[Any], Awaitable[Facts | None]]] = {
            SignUpEmail: self._sign_up,
            PasswordResetEmail: self._password_reset,
            ReportReadyEmail: self._report_ready,
            AnnouncementEmail: self._announcement,
        }

    async def find(self, message: Email) -> Facts | None:
        """The facts for a message; None if there is nobody to write to."""
        finder = self._finders.get(type(message))
        return await finder(message) if finder else {}

    async def _sign_up(self, message: SignUpEmail) -> Facts:
        if message.already_registered:
            return {}
        return await self._link("verify-email", ObjectId(message.user_id), Purpose.EMAIL_VERIFY)

    async def _password_reset(self, message: PasswordResetEmail) -> Facts | None:
        open_account = {"email_key": message.to.lower(), "deactivated_at": None}
        user = await self._database.collection(User).find_one(open_account, {"name": 1})
        if user is None:
            return None
        facts = await self._link("reset-password", user["_id"], Purpose.PASSWORD_RESET)
        return facts | {"name": user["name"]}

    async def _report_ready(self, message: ReportReadyEmail) -> Facts | None:
        file = await files.find(self._database, ObjectId(message.file_id))
        if file is None or not await reports.may_be_sent(self._database, file):
            return None
        return {"link": self._urls.sign(f"{PATH}{file['_id']}", REPORT_HOURS)}

    async def _announcement(self, message: AnnouncementEmail) -> Facts | None:
        user_id = ObjectId(message.user_id)
        announcement = await announcements.find(self._database, ObjectId(message.announcement_id))
        if announcement is None or await announcements.find_reader(self._database, user_id) is None:
            return None
        url = self._urls.sign(f"{UNSUBSCRIBE}{user_id}", UNSUBSCRIBE_HOURS)
        return {"subject": announcement["subject"], "body": announcement["body"], "unsubscribe_url": url}

    async def _link(self, page: str, user_id: ObjectId, purpose: Purpose) -> Facts:
        token = await self._tokens.ask((user_id, purpose))
        return {"token": token, "link": f"{self._site}/{page}?token={quote(token)}"}
