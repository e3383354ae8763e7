"""Signing in, staying so, and signing out."""

from dataclasses import dataclass
from datetime import datetime

from odmantic import ObjectId
from pymongo import DESCENDING, ReturnDocument

from schema import pages
from schema.access import Permission, Role, Viewer, deny
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, RateLimited, Unauthenticated, UserErrorCode
from schema.networks import network
from schema.pages import Page, PageArguments, Sort
from schema.secrets import csrf_token, digest, new_secret
from schema.sessions.model import GRACE, LIFETIME, TABS, RefreshToken, Session, SignIn
from schema.times import utc_now
from schema.tokens import Claims
from schema.users.model import User

WRONG = Fault((), "The address or the password is wrong.", UserErrorCode.INVALID_CREDENTIALS)
VISIBLE_BY = frozenset({"user_id"})
"""What `is_visible` looks at."""
RECENT = Sort("recent", (("created_at", DESCENDING), ("_id", DESCENDING)))
UNVERIFIED = Fault((), "Verify your address first: see the letter we sent.", UserErrorCode.EMAIL_NOT_VERIFIED)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's new tokens, and whose they are."""

    access: str
    refresh: str
    user: Document

    @property
    def csrf(self) -> str:
        """What a page of ours can read and send as a header, and a page of others cannot."""
        return csrf_token(self.refresh)


def is_visible(session: Document, viewer: Viewer | None) -> bool:
    """To its user and to who manages users."""
    return viewer is not None and (session["user_id"] == viewer.id or viewer.may(Permission.USERS_MANAGE))


async def find_page(database: Database, viewer: Viewer, page: PageArguments) -> Page:
    """The viewer's sessions that hold, the newest first."""
    user = await database.collection(User).find_one({"_id": viewer.id}, {"sessions_ended_at": 1}) or {}
    holds: Document = {"user_id": viewer.id, "ended_at": None}
    if user.get("sessions_ended_at"):
        holds["created_at"] = {"$gte": user["sessions_ended_at"]}
    return await pages.find(database.collection(Session), holds, RECENT, page)


async def sign_in(context: Context, form: SignIn) -> SignedIn:
    """Begin a session. An unknown address, a wrong password, a deactivated user: all get the same answer."""
    account, address = f"account:{form.email.lower()}", f"address:{network(context.client.address)}"
    async with context.throttle.turn(address):
        user = await _verified(context, form, account, address)
    if context.require_verified_email and not user["verified_at"]:
        raise InvalidInput([UNVERIFIED])
    await context.throttle.succeeded(account)
    return await _begin(context, user, form)


async def _verified(context: Context, form: SignIn, account: str, address: str) -> Document:
    """The open account whose password this is."""
    await _throttle(context, account, address)
    user = await context.database.collection(User).find_one({"email_key": form.email.lower()})
    right = await context.passwords.verify(user["password_hash"] if user else None, form.password)
    if user is None or not right or user["deactivated_at"]:
        await context.throttle.attempt(address)
        raise InvalidInput([WRONG])
    return user


async def _throttle(context: Context, account: str, address: str) -> None:
    """RateLimited while either has to wait.

    A try counts against its account from the moment it begins, so that many at once gain nothing; against its address
    only once it has failed, for a whole office may sign in from one address at nine o'clock.
    """
    seconds = await context.throttle.wait(address) or await context.throttle.attempt(account)
    if seconds:
        raise RateLimited(seconds)


async def _begin(context: Context, user: Document, form: SignIn) -> SignedIn:
    """Open a session for the password that was right, unless it was changed, or the account closed, meanwhile.

    The write to the user makes this transaction and one that changes the password collide.
    """
    outdated = context.passwords.is_outdated(user["password_hash"])
    password_hash = await context.passwords.hash(form.password) if outdated else user["password_hash"]
    verified = {"_id": user["_id"], "password_hash": user["password_hash"], "deactivated_at": None}

    async def work(transaction: Transaction) -> Session:
        now = {"password_hash": password_hash, "last_signed_in_at": utc_now()}
        users = context.database.collection(User)
        result = await users.update_one(verified, {"$set": now}, session=transaction.session)
        if result.matched_count == 0:
            raise InvalidInput([WRONG])
        session = Session(user_id=user["_id"], device=context.client.device[:200], ip=context.client.address)
        await transaction.save(session)
        return session

    session = await context.database.in_transaction(work)
    return await _issue(context, session.id, user)


async def _issue(context: Context, session_id: ObjectId, user: Document, parent: str | None = None) -> SignedIn:
    secret = new_secret()
    await context.database.engine.save(
        RefreshToken(id=digest(secret), session_id=session_id, user_id=user["_id"], parent=parent)
    )
    return SignedIn(context.tokens.issue(user["_id"], session_id), secret, user)


async def refresh(context: Context, secret: str) -> SignedIn:
    """New tokens for a refresh token, which is used up. Used twice beyond the grace, it ends its whole session."""
    now = utc_now()
    token = await context.database.collection(RefreshToken).find_one_and_update(
        {"_id": digest(secret), "expires_at": {"$gt": now}},
        [{"$set": {"used_at": {"$ifNull": ["$used_at", now]}, "uses": {"$add": ["$uses", 1]}}}],
    )
    if token is None:
        raise Unauthenticated("Sign in again.")
    if _is_stolen(token, now):
        await _end_stolen(context, token)
    user = await _user_of(context.database, token["session_id"], token["user_id"])
    if user is None:
        raise Unauthenticated("Sign in again.")
    await context.database.collection(Session).update_one(
        {"_id": token["session_id"]},
        {"$set": {"last_used_at": now, "expires_at": now + LIFETIME, "ip": context.client.address}},
    )
    await context.database.collection(RefreshToken).update_one(
        {"_id": token["parent"]}, {"$set": {"is_succeeded": True}}
    )
    return await _issue(context, token["session_id"], user, parent=token["_id"])


def _is_stolen(token: Document, now: datetime) -> bool:
    """Used before, and not just now by a few tabs of which none has gone on."""
    if token["used_at"] is None:
        return False
    return bool(token["is_succeeded"] or token["uses"] >= TABS or now - token["used_at"] > GRACE)


async def _end_stolen(context: Context, token: Document) -> None:
    await _end(context.database, {"_id": token["session_id"]}, utc_now())
    deny(None, "a refresh token was used twice: its session is ended")
    raise Unauthenticated("Sign in again.")


async def sign_out(context: Context, viewer: Viewer) -> None:
    """End the session this request comes from."""
    await _end(context.database, {"_id": viewer.session_id}, utc_now())


async def revoke(context: Context, viewer: Viewer, session_id: ObjectId) -> Document:
    """End one of the viewer's sessions; an administrator may end any."""
    whose = {} if viewer.may(Permission.USERS_MANAGE) else {"user_id": viewer.id}
    session = await _end(context.database, {"_id": session_id} | whose, utc_now())
    if session is None:
        raise InvalidInput([Fault(("id",), "You have no such session.", UserErrorCode.NOT_FOUND)])
    return session


async def _end(database: Database, where: Document, now: datetime) -> Document | None:
    ended = [{"$set": {"ended_at": {"$ifNull": ["$ended_at", now]}}}]
    session: Document | None = await database.collection(Session).find_one_and_update(
        where, ended, return_document=ReturnDocument.AFTER
    )
    return session


async def identify(database: Database, claims: Claims) -> Viewer | None:
    """Who a valid token speaks for, as the database knows them now; None if their session or account is over."""
    user = await _user_of(database, claims.session_id, claims.user_id)
    return Viewer(user["_id"], Role(user["role"]), claims.session_id) if user else None


async def _user_of(database: Database, session_id: ObjectId, user_id: ObjectId) -> Document | None:
    session = await database.collection(Session).find_one({"_id": session_id, "user_id": user_id, "ended_at": None})
    user: Document | None = await database.collection(User).find_one({"_id": user_id, "deactivated_at": None})
    if session is None or user is None or (user["sessions_ended_at"] or session["created_at"]) > session["created_at"]:
        return None
    return user
