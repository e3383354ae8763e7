"""Which database the files of a storage belong to: what one does not know may be another's."""

from collections.abc import AsyncIterator

import structlog
from odmantic import ObjectId
from pymongo import ReturnDocument

from schema.database import Database
from schema.storage import Storage

MARK = "database"
"""The key of the file that names the database whose storage it is."""

COLLECTION = "storage"
"""Where a database keeps its own name."""

log = structlog.get_logger(__name__)


async def owns(database: Database, storage: Storage) -> bool:
    """Whether the storage was marked as this database's before. One without a mark is marked now."""
    name, found = await _name(database), await _mark(storage)
    if found is None:
        await storage.put(MARK, _pieces(name), "text/plain")
    elif found != name:
        log.error("the storage is marked as another database's: nothing unknown is discarded", mark=MARK)
    return found == name


async def _name(database: Database) -> bytes:
    """The same for ever, also in a copy that was restored."""
    names = database.client[database.engine.database_name][COLLECTION]
    new = {"$setOnInsert": {"name": str(ObjectId())}}
    row = await names.find_one_and_update({"_id": MARK}, new, upsert=True, return_document=ReturnDocument.AFTER)
    return str((row or {})["name"]).encode()


async def _mark(storage: Storage) -> bytes | None:
    try:
        return b"".join([piece async for piece in await storage.open(MARK)])
    except FileNotFoundError:
        return None


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
