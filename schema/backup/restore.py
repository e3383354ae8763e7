"""A backup back into MongoDB, whose database has to be empty."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient, MongoClient
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import InvalidName

from schema import indexes
from schema.backup.manifest import BackupError, Manifest, Part, read
from schema.database import DEFAULT_DATABASE, Database
from schema.engine import Document, Engine

BATCH_BYTES = 8 * 2**20
"""How much is inserted by one call, and held in memory."""

_LONGEST_NAME = 255
"""Of a collection, in bytes, with the database before it."""

_AS_IT_IS = CodecOptions(
    document_class=RawBSONDocument,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)


def restore(client: MongoClient[Document], url: str, folder: Path) -> Manifest:
    """Insert every document, byte for byte, then build the indexes. Nothing is written if the backup is damaged."""
    database = client.get_default_database(DEFAULT_DATABASE)
    _refuse_if_used(database)
    manifest = read(folder)
    parts = [(_collection(database, name), part) for name, part in manifest.collections.items()]
    for collection, part in parts:
        _insert(collection, folder, part)
    asyncio.run(_create_indexes(url))
    return manifest


def _refuse_if_used(database: MongoDatabase[Document]) -> None:
    used = [name for name in sorted(database.list_collection_names()) if database[name].find_one({}, {"_id": 1})]
    if used:
        raise BackupError(f"The database {database.name} is not empty, it has {', '.join(used)}: nothing was changed.")


def _collection(database: MongoDatabase[Document], name: str) -> Collection[RawBSONDocument]:
    refusal = f"MongoDB takes no collection by the name of {name!r} in {database.name}: nothing was changed."
    try:
        collection = database[name].with_options(_AS_IT_IS)
    except InvalidName:
        raise BackupError(refusal) from None
    is_reserved = name.startswith("system.") or not {"$", "\0"}.isdisjoint(name)
    if is_reserved or len(collection.full_name.encode()) > _LONGEST_NAME:
        raise BackupError(refusal)
    return collection


def _insert(collection: Collection[RawBSONDocument], folder: Path, part: Part) -> None:
    for batch in _batches(folder / part.file):
        collection.insert_many(batch, ordered=False)
    found = collection.count_documents({})
    if found != part.documents:
        raise BackupError(f"{collection.name} has {found} documents instead of {part.documents}: drop the database.")


def _batches(path: Path) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    size = 0
    with path.open("rb") as file:
        for document in bson.decode_file_iter(file, _AS_IT_IS):
            batch.append(document)
            size += len(document.raw)
            if size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


async def _create_indexes(url: str) -> None:
    """With a client of its own, because that of the programs gives up after half a minute."""
    async with AsyncMongoClient[Document](url, w="majority", tz_aware=True) as client:
        name = client.get_default_database(DEFAULT_DATABASE).name
        await indexes.create(Database(client, Engine(client, name)))
