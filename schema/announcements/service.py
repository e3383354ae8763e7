"""What may be done with an announcement: making it, and owing its letters, some at a time."""

from odmantic import ObjectId

from schema.access import Viewer
from schema.announcements.model import Announcement, NewAnnouncement
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs import service as jobs
from schema.jobs.messages import AnnouncementDelivery, AnnouncementEmail
from schema.times import utc_now
from schema.users.model import User

LETTERS_AT_ONCE = 500
"""Letters owed in one transaction: enough to be quick, few enough to be over long before it has to be."""


async def send_to_all(context: Context, viewer: Viewer, form: NewAnnouncement) -> Document:
    """Keep the announcement and owe its delivery; answers the job."""

    async def work(transaction: Transaction) -> Document:
        announcement = Announcement(author_id=viewer.id, subject=form.subject, body=form.body)
        await transaction.save(announcement)
        message = AnnouncementDelivery(announcement_id=str(announcement.id))
        return await jobs.owe(context, transaction, message, viewer.id)

    return await context.in_transaction(work)


async def find(database: Database, announcement_id: ObjectId) -> Document | None:
    """The announcement, as far as it has got."""
    return await database.collection(Announcement).find_one({"_id": announcement_id})


async def find_reader(database: Database, user_id: ObjectId) -> Document | None:
    """The user, if they still want announcements."""
    return await database.collection(User).find_one({"_id": user_id} | _READERS, {"name": 1})


async def count_readers(database: Database, announcement: Document) -> int:
    """How many users there are to tell."""
    return await database.collection(User).count_documents(_readers(announcement))


async def owe_next(database: Database, announcement: Document, request_id: str) -> Document | None:
    """Owe the next letters and note it, in one transaction. The announcement as it is then; None: all are owed.

    Whoever does the same at the same time comes first, or is answered with what was done meanwhile.
    """

    async def work(transaction: Transaction) -> Document | None:
        current = await _find_current(transaction, announcement["_id"])
        readers = await _next_readers(transaction, current)
        if not readers:
            return None
        letters = {_key(current, reader): _letter(current, reader) for reader in readers}
        await jobs.owe_many_once(transaction, request_id, letters)
        return await _note(transaction, current, readers)

    return await database.in_transaction(work)


async def unsubscribe(database: Database, user_id: ObjectId) -> None:
    """Send this user no more announcements."""
    subscribed = {"_id": user_id, "unsubscribed_at": None}
    await database.collection(User).update_one(subscribed, {"$set": {"unsubscribed_at": utc_now()}})


_READERS: Document = {"deactivated_at": None, "unsubscribed_at": None}


def _readers(announcement: Document) -> Document:
    return {"created_at": {"$lte": announcement["created_at"]}} | _READERS


async def _find_current(transaction: Transaction, announcement_id: ObjectId) -> Document:
    announcements = transaction.database.collection(Announcement)
    current: Document = await announcements.find_one({"_id": announcement_id}, session=transaction.session) or {}
    return current


async def _next_readers(transaction: Transaction, announcement: Document) -> list[Document]:
    after = {"_id": {"$gt": announcement["reached"]}} if announcement["reached"] else {}
    found = transaction.database.collection(User).find(
        _readers(announcement) | after, {"email": 1, "name": 1}, hint="_id_", session=transaction.session
    )
    return await found.sort("_id", 1).limit(LETTERS_AT_ONCE).to_list()


async def _note(transaction: Transaction, announcement: Document, readers: list[Document]) -> Document:
    """Who did the same meanwhile changed the same document: then this whole transaction runs again."""
    noted = {"reached": readers[-1]["_id"], "owed": announcement["owed"] + len(readers)}
    announcements = transaction.database.collection(Announcement)
    await announcements.update_one({"_id": announcement["_id"]}, {"$set": noted}, session=transaction.session)
    return announcement | noted


def _key(announcement: Document, reader: Document) -> str:
    return f"announcement:{announcement['_id']}:{reader['_id']}"


def _letter(announcement: Document, reader: Document) -> AnnouncementEmail:
    return AnnouncementEmail(
        to=reader["email"],
        name=reader["name"],
        user_id=str(reader["_id"]),
        announcement_id=str(announcement["_id"]),
    )
