"""Demo documents on their way into MongoDB. What an earlier seed has written of them stays as it is."""

from collections.abc import Sequence

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from schema.engine import Document
from tests.support.progress import Step

_DUPLICATE = 11_000
_BATCH = 500


class SeedError(Exception):
    """Why there can be no demo data, in a sentence."""


def connect(db_url: str) -> MongoClient[Document]:
    """A client that waits for no journal: the last write of a seed does, for all before it."""
    return MongoClient(db_url, w=1, tz_aware=True, serverSelectionTimeoutMS=5_000, appname="postberry-seed")


def insert_all(collection: Collection[Document], documents: Sequence[Document], step: Step) -> None:
    """Insert a few thousand documents."""
    for start in range(0, len(documents), _BATCH):
        insert(collection, documents[start : start + _BATCH])
        step.at(min(start + _BATCH, len(documents)), len(documents))


def insert(collection: Collection[Document], documents: Sequence[Document]) -> None:
    """Insert those of one batch that are not there yet.

    Raises:
        SeedError: what was there before needs the same slug or address.
    """
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        for fault in error.details["writeErrors"]:
            if fault["code"] != _DUPLICATE:
                raise
            if "_id" not in fault["keyPattern"]:
                raise SeedError(_collision(collection.name, fault["keyValue"])) from error


def _collision(name: str, taken: Document) -> str:
    what = ", ".join(f"{key} {value}" for key, value in taken.items())
    return f"There can be no demo data, because {name} of your own use what it needs: {what}. Use another database."
