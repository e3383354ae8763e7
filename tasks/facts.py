"""What a letter needs beside its message, found out when it is written: so no plain token is ever stored in a job."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from odmantic import ObjectId

from schema.confirmations import service as confirmations
from schema.confirmations.model import Purpose
from schema.database import Database
from schema.jobs.messages import Email, PasswordResetEmail, SignUpEmail
from schema.users.model import User

Facts = dict[str, str]


async def find_facts(database: Database, site: str, message: Email) -> Facts | None:
    """The facts for a message; None if there is nobody to write to. `site` is where links lead."""
    return await _FINDERS[type(message)](database, site, message) if type(message) in _FINDERS else {}


async def _sign_up(database: Database, site: str, message: SignUpEmail) -> Facts:
    if message.already_registered:
        return {}
    return await _link(database, f"{site}/verify-email", ObjectId(message.user_id), Purpose.EMAIL_VERIFY)


async def _password_reset(database: Database, site: str, message: PasswordResetEmail) -> Facts | None:
    open_account = {"email_key": message.to.lower(), "deactivated_at": None}
    user = await database.collection(User).find_one(open_account, {"name": 1})
    if user is None:
        return None
    facts = await _link(database, f"{site}/reset-password", user["_id"], Purpose.PASSWORD_RESET)
    return facts | {"name": user["name"]}


async def _link(database: Database, page: str, user_id: ObjectId, purpose: Purpose) -> Facts:
    token = await confirmations.issue(database, user_id, purpose)
    return {"token": token, "link": f"{page}?token={quote(token)}"}


_FINDERS: Mapping[type[Email], Callable[[Database, str, Any], Awaitable[Facts | None]]] = {
    SignUpEmail: _sign_up,
    PasswordResetEmail: _password_reset,
}
