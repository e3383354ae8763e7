"""Where files are kept: a folder or an S3 bucket, by STORAGE_URL. Files pass through in pieces, none is held whole."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.store import LocalStore, S3Store

from settings.urls import Bucket, parse_storage

PIECE = 64 * 1024
"""Bytes of a piece that is read; what a network delivers at once may be some more."""

PART = 5 * 1024 * 1024
"""Bytes of a part that is written to a bucket: S3 takes none smaller, but for the last. Memory holds one per upload."""

FOLDER_PART = 512 * 1024
"""The same of a folder."""

_CLIENT: Any = {"allow_http": True, "connect_timeout": "5s", "read_timeout": "30s", "timeout": "15m"}
"""Whether HTTP is spoken, the endpoint's scheme says. The last one is for a whole file, read over a slow line."""

_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


PAGE = 1_000
"""Files that are listed at once."""

_STAGED = re.compile(r".+#\d+")
"""How `obstore` names a file in a folder while it is written. It neither lists nor deletes such a one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as the storage knows it."""

    key: str
    written_at: datetime


class Storage:
    """Files by their keys, which are the program's own, never a client's.

    To open one connects to nothing; it makes the folder, and OSError says that it cannot. Later, what goes wrong is an
    OSError or an error of `obstore.exceptions`.
    """

    def __init__(self, url: str) -> None:
        place = parse_storage(url)
        self._store: LocalStore | S3Store
        self.folder: Path | None
        if isinstance(place, Bucket):
            self._store, self._part, self.folder = _open_bucket(place), PART, None
        else:
            self._store, self._part = LocalStore(place.path, mkdir=True), FOLDER_PART
            self.folder = place.path.absolute()

    async def check(self) -> bool:
        """Whether files can be kept, as far as can be told without one; an error of a bucket says why not."""
        if self.folder:
            return await asyncio.to_thread(os.access, self.folder, os.W_OK | os.X_OK)
        with contextlib.suppress(FileNotFoundError):  # it answers, and nothing has this key
            await obstore.head_async(self._store, "health")
        return True

    async def put(self, key: str, pieces: AsyncIterator[bytes], content_type: str) -> None:
        """Keep a file: all of it, or nothing when `pieces` raises or the store fails."""
        is_bucket = isinstance(self._store, S3Store)
        attributes: Any = {"Content-Type": content_type} if is_bucket else None  # folders keep none
        await obstore.put_async(
            self._store, key, pieces, attributes=attributes, chunk_size=self._part, max_concurrency=1
        )

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The file's pieces; FileNotFoundError if there is none."""
        found = await obstore.get_async(self._store, key)
        return found.stream(min_chunk_size=PIECE)

    async def delete(self, key: str) -> None:
        """Forget the file; nothing happens if there is none."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:  # only a folder says so
            return

    async def pages(self, place: str) -> AsyncIterator[list[Kept]]:
        """Every file whose key begins with `place/`, some at a time."""
        async for page in obstore.list(self._store, place, chunk_size=PAGE):
            yield [Kept(found["path"], found["last_modified"]) for found in page]

    async def discard_staged(self, place: str, before: datetime) -> int:
        """Remove what killed processes left half written there before then; how many they were.

        In a bucket they are no files yet: its lifecycle rule removes them.
        """
        if self.folder is None:
            return 0
        return await asyncio.to_thread(_discard_staged, self.folder / place, before)


def _discard_staged(folder: Path, before: datetime) -> int:
    if not folder.exists():
        return 0
    with os.scandir(folder) as entries:
        return sum(_discard_if_left(entry, before) for entry in entries if _STAGED.fullmatch(entry.name))


def _discard_if_left(entry: os.DirEntry[str], before: datetime) -> bool:
    with contextlib.suppress(FileNotFoundError):  # it has been written to its end meanwhile
        if entry.stat().st_mtime < before.timestamp():
            Path(entry).unlink()
            return True
    return False


def _open_bucket(bucket: Bucket) -> S3Store:
    given = {
        "endpoint": bucket.endpoint,
        "region": bucket.region,
        "access_key_id": bucket.access_key_id,
        "secret_access_key": bucket.secret_access_key,
    }
    config: Any = {name: value for name, value in given.items() if value is not None}
    return S3Store(bucket.name, prefix=bucket.prefix, config=config, client_options=_CLIENT, retry_config=_RETRIES)
