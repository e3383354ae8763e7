"""MongoDB into a folder, while the programs go on: all collections as they are at one moment."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from schema.backup.manifest import BackupError, Manifest, Part, create, file_name, place, sync
from schema.database import DEFAULT_DATABASE
from schema.engine import Document
from schema.indexes import MODELS
from schema.times import utc_now

_OURS = frozenset(model.__collection__ for model in MODELS)


def dump(client: MongoClient[Document], folder: Path) -> Manifest:
    """Write every collection into a new folder. What is committed meanwhile is not in it; memory holds one batch.

    There is no folder before MongoDB has answered, and none when the database has nothing of ours.
    """
    database = client.get_default_database(DEFAULT_DATABASE)
    names = _collections(database)
    begun_at = utc_now()
    with client.start_session(snapshot=True) as moment:  # each read is as of the first one's time
        database[names[0]].find_one({}, {"_id": 1}, session=moment)
        _make(folder)
        parts = {name: _write(database[name], folder, moment) for name in names}
    manifest = Manifest(database=database.name, begun_at=begun_at, collections=parts)
    manifest.write(folder)
    return manifest


def _collections(database: Database[Document]) -> list[str]:
    wanted = {"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}
    found = {each["name"]: each["options"] for each in database.list_collections(filter=wanted)}
    if not _OURS.intersection(found):
        raise BackupError(f"{place(database)} has no collection of Postberry, is DB_URL right? Nothing was written.")
    if capped := sorted(name for name, options in found.items() if options.get("capped")):
        raise BackupError(f"MongoDB has no moments of capped collections: {', '.join(capped)} cannot be dumped.")
    return sorted(found)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupError(f"{folder} is there already: name a new folder.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BackupError(f"{folder} cannot be made, {reason}: name a new folder where you may write.") from None


def _write(collection: Collection[Document], folder: Path, moment: ClientSession) -> Part:
    name, digest, documents = file_name(collection.name), hashlib.sha256(), 0
    with create(folder / name) as file, collection.find_raw_batches(session=moment) as batches:
        for batch in cast("Iterable[bytes]", batches):
            file.write(batch)
            digest.update(batch)
            documents += _count(batch)
        size = file.tell()
        sync(file)
    return Part(file=name, documents=documents, bytes=size, sha256=digest.hexdigest())


def _count(batch: bytes) -> int:
    """Each document begins with its length."""
    count = position = 0
    while position < len(batch):
        position += int.from_bytes(batch[position : position + 4], "little")
        count += 1
    return count
