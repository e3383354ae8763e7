"""MongoDB into a folder, while the programs go on: all collections as they are at one moment."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from schema.backup.manifest import BackupError, Manifest, Part, create, file_name, sync
from schema.database import DEFAULT_DATABASE
from schema.engine import Document
from schema.times import utc_now


def dump(client: MongoClient[Document], folder: Path) -> Manifest:
    """Write every collection into a new folder. What is committed meanwhile is not in it; memory holds one batch."""
    database = client.get_default_database(DEFAULT_DATABASE)
    names = _names(database)
    _make(folder)
    begun_at = utc_now()
    with client.start_session(snapshot=True) as moment:  # each read is as of the first one's time
        parts = {name: _write(database[name], folder, moment) for name in names}
    manifest = Manifest(database=database.name, begun_at=begun_at, collections=parts)
    manifest.write(folder)
    return manifest


def _names(database: Database[Document]) -> list[str]:
    found = list(database.list_collections(filter={"type": "collection", "name": {"$not": {"$regex": r"^system\."}}}))
    if capped := sorted(each["name"] for each in found if each["options"].get("capped")):
        raise BackupError(f"MongoDB has no moments of capped collections: {', '.join(capped)} cannot be dumped.")
    return sorted(each["name"] for each in found)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupError(f"{folder} is there already: name a new folder.") from None


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
