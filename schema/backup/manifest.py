"""What a backup holds. It is written last, so a folder without one is no backup."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError
from pymongo.database import Database

from schema.engine import Document
from settings.version import VERSION

NAME = "manifest.json"


class BackupError(Exception):
    """Why there is no backup, or nothing is restored, in a sentence."""


class Part(BaseModel):
    """The documents of one collection, one after the other as BSON, in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    documents: int
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """The collections of a database as they were at one moment, shortly after `begun_at`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str
    begun_at: datetime
    version: str = VERSION
    collections: dict[str, Part]

    @property
    def summary(self) -> str:
        """How much it is, in words."""
        parts = self.collections.values()
        documents, size = sum(part.documents for part in parts), sum(part.bytes for part in parts)
        return f"{documents:,} documents of {len(parts)} collections, {size / 1e6:,.1f} MB"

    def write(self, folder: Path) -> None:
        """Say that the backup is complete."""
        with create(folder / NAME) as file:
            file.write(self.model_dump_json(indent=2).encode())
            sync(file)


def read(folder: Path) -> Manifest:
    """The manifest of a backup, all of whose files are as they were written; BackupError if they are not."""
    if not (folder / NAME).is_file():
        raise BackupError(f"{folder} is no complete backup: it has no {NAME}.")
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    except ValidationError:
        raise BackupError(f"{folder / NAME} cannot be read.") from None
    damaged = [part.file for part in manifest.collections.values() if not _is_whole(folder / part.file, part)]
    if damaged:
        raise BackupError(f"{folder} is damaged: {', '.join(damaged)} is missing, or not what was written.")
    return manifest


def _is_whole(path: Path, part: Part) -> bool:
    if not path.is_file():  # a pipe would be waited for
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == part.sha256


def place(database: Database[Document]) -> str:
    """Which database it is and on which hosts, without credentials; one that has answered."""
    hosts = sorted(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in database.client.nodes)
    return f"{database.name} on {', '.join(hosts)}"


def file_name(collection: str) -> str:
    """As `mongodump` names it, so that `mongorestore` and `bsondump` take it too."""
    return f"{quote(collection, safe='')}.bson"


def create(path: Path) -> BinaryIO:
    """A new file for nobody else's eyes."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def sync(file: BinaryIO) -> None:
    """Have what was written survive a power cut."""
    file.flush()
    os.fsync(file.fileno())
