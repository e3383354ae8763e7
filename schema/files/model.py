"""A file that somebody uploaded."""

import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from odmantic import Field, Model, ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from schema.files.formats import CSV
from schema.times import utc_now

UPLOADS, REPORTS = "files", "reports"
"""Where keys begin: each is a place, a slash, the id of a file and, perhaps, a dash and a number."""

PATH = "/files/"
"""Where the API serves files, before their ids."""

LONGEST_NAME = 100
_NAMELESS = "file"


class File(Model):
    """What is known of a file; its bytes are in the storage, under `key`. Without an `owner_id` it is nobody's own.

    `attached_at` is set once something needs the file, like a product whose picture it is; without it, it is on trial.
    `condemned_at` is set before its bytes go: from then on nothing can come to need it.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    owner_id: ObjectId | None = None
    name: str
    content_type: str
    size: int
    sha256: str
    key: str
    attached_at: datetime | None = None
    condemned_at: datetime | None = None
    created_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "files",
        "indexes": lambda: [
            IndexModel([("owner_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="owner_newest"),
            IndexModel([("attached_at", ASCENDING), ("created_at", ASCENDING)], name="unattached"),
            IndexModel(
                [("owner_id", ASCENDING)], name="owner_unattached", partialFilterExpression={"attached_at": None}
            ),
            IndexModel(
                [("created_at", ASCENDING)],
                name="reports",
                partialFilterExpression={"content_type": CSV.content_type},
            ),
        ],
    }


class UploadTurn(Model):
    """The last upload of a user, whose `id` it is: of two at once one is late, and sees the other's file."""

    id: ObjectId = Field(primary_field=True)
    taken_at: datetime

    model_config = {
        "collection": "upload_turns",
        "indexes": lambda: [IndexModel([("taken_at", ASCENDING)], name="expiry", expireAfterSeconds=86_400)],
    }


@runtime_checkable
class IncomingFile(Protocol):
    """A file on its way in: complete, and on the disk of this machine. `name` is the client's word for it."""

    @property
    def name(self) -> str:
        """What the client calls it."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    async def digest(self) -> str:
        """The same for the same name and content alone; as often as one likes."""

    async def head(self, size: int) -> bytes:
        """How it begins."""

    def pieces(self) -> AsyncIterator[bytes]:
        """All of it, a piece at a time; once."""


def clean_name(name: str) -> str:
    """A client's file name as one line of at most 100 characters: no path, nothing that cannot be seen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(" " if unicodedata.category(character) in _UNSEEN else character for character in last)
    stem, dot, extension = " ".join(seen.split()).strip(". ").rpartition(".")
    if not dot or len(extension) > LONGEST_NAME // 5:
        return (stem + dot + extension)[:LONGEST_NAME] or _NAMELESS
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control and format characters, which can make `exe.png` read as `gnp.exe`, surrogates, line breaks."""
