"""What a letter needs beside its message, found out when it is written: so no plain token is ever stored in a job."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from odmantic import ObjectId

from schema.confirmations import service as confirmations
from schema.confirmations.model import Purpose
from schema.database import Database
from schema.jobs.messages import Email, PasswordResetEmail, SignUpEmail
from schema.users.model import User
from tasks.batches import Batches

Facts = dict[str, str]


class Research:
    """Finds the facts for letters. `site` is where their links lead."""

    def __init__(self, database: Database, site: str) -> None:
        self._database = database
        self._site = site
        self._tokens = Batches(partial(confirmations.issue, database))
        self._finders: Mapping[type[Email], Callable[[Any], Awaitable[Facts | None]]] = {
            SignUpEmail: self._sign_up,
            PasswordResetEmail: self._password_reset,
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

    async def _link(self, page: str, user_id: ObjectId, purpose: Purpose) -> Facts:
        token = await self._tokens.ask((user_id, purpose))
        return {"token": token, "link": f"{self._site}/{page}?token={quote(token)}"}
