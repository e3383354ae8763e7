"""The pictures of the products as files of the shop: their bytes in the storage, what is known of them in MongoDB."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator

from obstore.exceptions import BaseError
from odmantic import ObjectId
from pymongo.collection import Collection

from schema.engine import Document
from schema.files.model import File
from schema.slugs import slug_of
from schema.storage import Storage
from tests.support.progress import Step
from tests.support.seed import people, pictures
from tests.support.seed.catalogue import catalogue
from tests.support.seed.plan import FIRST, Plan
from tests.support.seed.writing import SeedError, insert

_PALETTES_APART = 2
"""So that the pictures of one kind differ well, and those of neighbouring kinds do too."""


def identify(plan: Plan) -> list[list[ObjectId]]:
    """The ids of the pictures, for each leaf of the catalogue."""
    kinds = range(len(catalogue().leaves))
    return [[_identify(plan, kind, take) for take in range(plan.pictures)] for kind in kinds]


def _identify(plan: Plan, kind: int, take: int) -> ObjectId:
    return plan.identify("picture", kind * plan.pictures + take, FIRST)


def add(files: Collection[Document], storage_url: str, plan: Plan, step: Step) -> None:
    """Draw, store and insert them all.

    Raises:
        SeedError: they cannot be stored.
    """
    try:
        asyncio.run(_store_all(files, storage_url, plan, step))
    except (OSError, BaseError) as error:
        raise SeedError(f"The pictures cannot be stored, is STORAGE_URL right? {str(error)[:200]}") from error


async def _store_all(files: Collection[Document], storage_url: str, plan: Plan, step: Step) -> None:
    storage, total = Storage(storage_url), plan.pictures * len(catalogue().leaves)
    for number, (file, picture) in enumerate(_drawn(plan), 1):
        await storage.put(file.key, _whole(picture), file.content_type)
        insert(files, [file.model_dump_doc()])
        step.at(number, total)


def _drawn(plan: Plan) -> Iterator[tuple[File, bytes]]:
    for kind, leaf in enumerate(catalogue().leaves):
        for take in range(plan.pictures):
            picture = pictures.draw(leaf.name, kind + take * _PALETTES_APART, mirrored=(kind + take) % 2 == 1)
            yield _file(plan, _identify(plan, kind, take), f"{slug_of(leaf.name)}-{take + 1}.jpg", picture), picture


def _file(plan: Plan, file_id: ObjectId, name: str, picture: bytes) -> File:
    return File(
        id=file_id,
        owner_id=people.identify(plan, 0),
        name=name,
        content_type=pictures.CONTENT_TYPE,
        size=len(picture),
        sha256=hashlib.sha256(picture).hexdigest(),
        key=f"files/{file_id}",
        attached_at=FIRST,
        created_at=FIRST,
    )


async def _whole(picture: bytes) -> AsyncIterator[bytes]:
    yield picture
