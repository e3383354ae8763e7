"""What may be done with a file: keeping it, finding it, and using it for something."""

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial

from anyio import CancelScope
from odmantic import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from schema.access import Permission, Viewer
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.files.formats import CSV, HEAD, Format, recognise
from schema.files.model import REPORTS, UPLOADS, File, IncomingFile, UploadTurn, clean_name
from schema.storage import Storage
from schema.times import utc_now

_KEY = re.compile(rf"(?:{UPLOADS}|{REPORTS})/([0-9a-f]{{24}})(?:-\d+)?")
"""What else is in the storage is not ours to discard."""

ALLOWED = "It must be a PNG, JPEG, GIF or WebP image, or a PDF."


VISIBLE_BY = frozenset({"owner_id"})
"""What `is_visible` looks at."""


def is_visible(file: Document, viewer: Viewer | None) -> bool:
    """To its owner and to who may read files."""
    return viewer is not None and (file["owner_id"] == viewer.id or viewer.may(Permission.FILES_READ))


async def find(database: Database, file_id: ObjectId) -> Document | None:
    """The file's document."""
    return await database.collection(File).find_one({"_id": file_id})


async def upload(context: Context, viewer: Viewer, incoming: IncomingFile) -> Document:
    """Keep a file of an allowed format and size, within the viewer's quota: its bytes and its document, or neither."""
    format_ = await _judge(incoming, context.upload_max_bytes)
    await _check_quota(context, context.database, viewer, incoming.size)
    file_id = ObjectId()
    key = f"{UPLOADS}/{file_id}"
    try:
        sha256 = await _store(context, key, incoming, format_)
        file = File(
            id=file_id,
            owner_id=viewer.id,
            name=clean_name(incoming.name),
            content_type=format_.content_type,
            size=incoming.size,
            sha256=sha256,
            key=key,
        )
        return await context.in_transaction(partial(_insert, context, viewer, file.model_dump_doc()))
    except BaseException:
        with CancelScope(shield=True):
            await context.storage.delete(key)
        raise


async def _insert(context: Context, viewer: Viewer, file: Document, transaction: Transaction) -> Document:
    """Insert it, unless others of the viewer have used up the quota meanwhile: no two of them are counted at once."""
    turns = transaction.database.collection(UploadTurn)
    turn = {"$set": {"taken_at": utc_now()}}
    await turns.update_one({"_id": viewer.id}, turn, upsert=True, session=transaction.session)
    await _check_quota(context, transaction.database, viewer, file["size"], transaction.session)
    await transaction.database.collection(File).insert_one(file, session=transaction.session)
    return file


async def attach(transaction: Transaction, file_id: ObjectId, viewer: Viewer | None) -> Document:
    """Note that something needs the viewer's file from now on, in the transaction that makes it so; answers it."""
    file: Document | None = await transaction.database.collection(File).find_one_and_update(
        {"_id": file_id, "condemned_at": None},
        {"$set": {"attached_at": utc_now()}},
        return_document=ReturnDocument.AFTER,
        session=transaction.session,
    )
    if file is None or not is_visible(file, viewer):
        raise InvalidInput([Fault(("fileId",), "There is no such file.", UserErrorCode.NOT_FOUND)])
    return file


async def discard_unattached(database: Database, storage: Storage, before: datetime, most: int = 100) -> int:
    """Discard up to so many files that were uploaded before then and that nothing needs; how many they were.

    The document goes last: what is left of a run that was cut off is found by the next.
    """
    files = database.collection(File)
    unattached = {"attached_at": None, "created_at": {"$lt": before}}
    found = await files.find(unattached, {"key": 1}, hint="unattached").limit(most).to_list()
    for file in found:
        free = {"_id": file["_id"], "attached_at": None}
        if (await files.update_one(free, {"$set": {"condemned_at": utc_now()}})).matched_count:
            await storage.delete(file["key"])
            await files.delete_one({"_id": file["_id"]})
    return len(found)


async def discard_reports(database: Database, storage: Storage, before: datetime, most: int = 100) -> int:
    """Discard up to so many reports that were written before then, their documents last; how many they were."""
    files = database.collection(File)
    old = {"content_type": CSV.content_type, "created_at": {"$lt": before}}
    found = await files.find(old, {"key": 1}, hint="reports").limit(most).to_list()
    for file in found:
        await storage.delete(file["key"])
        await files.delete_one({"_id": file["_id"]})
    return len(found)


async def discard_unknown(database: Database, storage: Storage, keys: Sequence[str]) -> int:
    """Discard those of these files in the storage that no document is about; how many they were."""
    ids = {key: ObjectId(found[1]) for key in keys if (found := _KEY.fullmatch(key))}
    named = database.collection(File).find({"_id": {"$in": list(ids.values())}}, {"key": 1})
    unknown = ids.keys() - {file["key"] async for file in named}
    for key in unknown:
        await storage.delete(key)
    return len(unknown)


async def _judge(incoming: IncomingFile, most_bytes: int) -> Format:
    """The format of a file that may be kept."""
    if incoming.size == 0:
        raise _refusal("It is empty.", UserErrorCode.TOO_SHORT)
    if incoming.size > most_bytes:
        raise _refusal(f"It must have at most {most_bytes} bytes.", UserErrorCode.TOO_LONG)
    format_ = recognise(await incoming.head(HEAD))
    if format_ is None:
        raise _refusal(ALLOWED, UserErrorCode.INVALID)
    return format_


async def _check_quota(
    context: Context, database: Database, viewer: Viewer, size: int, session: AsyncClientSession | None = None
) -> None:
    """InvalidInput if a file of that size is too much beside those of the viewer that nothing needs yet."""
    own = {"$match": {"owner_id": viewer.id, "attached_at": None}}
    total = {"$group": {"_id": None, "files": {"$sum": 1}, "bytes": {"$sum": "$size"}}}
    found = await database.collection(File).aggregate([own, total], session=session, hint="owner_unattached")
    kept = next(iter(await found.to_list()), {"files": 0, "bytes": 0})
    if kept["files"] >= context.upload_quota_files or kept["bytes"] + size > context.upload_quota_bytes:
        raise _refusal(
            "You have uploaded too much that is not in use. Try again tomorrow.", UserErrorCode.QUOTA_EXCEEDED
        )


def _refusal(message: str, code: UserErrorCode) -> InvalidInput:
    return InvalidInput([Fault(("file",), message, code)])


async def _store(context: Context, key: str, incoming: IncomingFile, format_: Format) -> str:
    """Put the file's bytes into the storage; their SHA-256."""
    digest = hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in incoming.pieces():
            digest.update(piece)
            yield piece

    await context.storage.put(key, pieces(), format_.content_type)
    return digest.hexdigest()
