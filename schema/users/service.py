"""What may be done with an account by its owner, or by an administrator. It is never deleted, only deactivated."""

import re

from odmantic import ObjectId
from pymongo import DESCENDING, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from schema import pages
from schema.access import Permission, Role, Viewer
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, Forbidden, InvalidInput, UserErrorCode
from schema.pages import Page, PageArguments, Sort
from schema.projection import projection
from schema.times import utc_now
from schema.users.model import User, UserChanges, UserFilter

SHOWN = projection(["email", "name", "role", "created_at", "verified_at", "deactivated_at"])
"""What a change answers: nothing secret is even loaded."""

VISIBLE_BY = frozenset({"_id"})
"""What `is_visible` looks at."""

NEWEST = Sort("newest", (("created_at", DESCENDING), ("_id", DESCENDING)))


def is_visible(user: Document, viewer: Viewer | None) -> bool:
    """To themselves and to who may read users."""
    return viewer is not None and (user["_id"] == viewer.id or viewer.may(Permission.USERS_READ))


async def find_page(database: Database, wanted: UserFilter, page: PageArguments) -> Page:
    """The users that fit, the newest first."""
    return await pages.find(database.collection(User), _where(wanted), NEWEST, page)


def _where(wanted: UserFilter) -> Document:
    where: Document = {}
    if wanted.email_starts_with:
        where["email_key"] = {"$regex": f"^{re.escape(wanted.email_starts_with.lower())}"}
    if wanted.role:
        where["role"] = wanted.role.value
    if wanted.is_deactivated is not None:
        where["deactivated_at"] = {"$ne": None} if wanted.is_deactivated else None
    return where


async def update(database: Database, viewer: Viewer, changes: UserChanges) -> Document:
    """Change what is given of what the viewer may change about themselves; the rest stays as it is."""
    return await _set(database, viewer.id, changes.model_dump(exclude_none=True))


async def set_role(database: Database, viewer: Viewer, user_id: ObjectId, role: Role) -> Document:
    """Give a user a role; nobody takes their own away, so that an administrator is left."""
    return await _change_another(database, viewer, user_id, {"role": role.value})


async def deactivate(database: Database, viewer: Viewer, user_id: ObjectId) -> Document:
    """Shut a user out: sign-in and every token stop. The account stays, and can be restored."""
    now = utc_now()
    return await _change_another(database, viewer, user_id, {"deactivated_at": now, "sessions_ended_at": now})


async def restore(database: Database, user_id: ObjectId) -> Document:
    """Let a deactivated user sign in again."""
    return await _set(database, user_id, {"deactivated_at": None})


async def promote(database: Database, email: str) -> bool:
    """Make the account with this address an administrator's. False: there is none."""
    changes = {"$set": {"role": Role.ADMIN.value}}
    result = await database.collection(User).update_one({"email_key": email.lower()}, changes)
    return result.matched_count == 1


async def _change_another(database: Database, viewer: Viewer, user_id: ObjectId, changes: Document) -> Document:
    """Change another user, as who is an administrator at this very moment and stays one meanwhile."""
    if viewer.id == user_id:
        raise InvalidInput([Fault(("id",), "Not to yourself.", UserErrorCode.NOT_ALLOWED)])
    acting = {"_id": viewer.id, "role": Role.ADMIN.value, "deactivated_at": None}

    async def work(transaction: Transaction) -> Document:
        users = database.collection(User)
        acts = await users.update_one(acting, {"$inc": {"changes_made": 1}}, session=transaction.session)
        if acts.matched_count == 0:
            raise Forbidden("You may not do this.")
        return await _set(database, user_id, changes, transaction.session)

    return await database.in_transaction(work)


async def _set(
    database: Database, user_id: ObjectId, changes: Document, session: AsyncClientSession | None = None
) -> Document:
    user: Document | None = await database.collection(User).find_one_and_update(
        {"_id": user_id}, {"$set": changes}, SHOWN, return_document=ReturnDocument.AFTER, session=session
    )
    if user is None:
        raise InvalidInput([Fault(("id",), "There is no such user.", UserErrorCode.NOT_FOUND)])
    return user
