"""Where jobs go that were over long ago."""

from datetime import datetime

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection

from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs.model import FINAL, Job

COLLECTION = "jobs_archive"

BATCH = 500
"""Jobs moved by one transaction."""


async def archive(database: Database, before: datetime, most: int = BATCH) -> int:
    """Move up to so many final jobs that were committed before then, all or none; how many they were.

    Each is at any time in one of both collections. One that somebody has run again meanwhile stays.
    """

    async def work(transaction: Transaction) -> int:
        jobs, session = database.collection(Job), transaction.session
        old = {"created_at": {"$lt": before}, "status": {"$in": [status.value for status in FINAL]}}
        oldest = jobs.find(old, hint="newest", session=session).sort([("created_at", ASCENDING), ("_id", ASCENDING)])
        if moved := await oldest.limit(most).to_list():
            await collection(database).insert_many(moved, session=session)
            await jobs.delete_many({"_id": {"$in": [job["_id"] for job in moved]}}, session=session)
        return len(moved)

    return await database.in_transaction(work)


def collection(database: Database) -> AsyncCollection[Document]:
    """The archive: rows as they were, looked up by their id."""
    return database.client[database.engine.database_name][COLLECTION]
