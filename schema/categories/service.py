"""What may be done with categories."""

from functools import partial

from odmantic import ObjectId
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from schema import pages
from schema.access import Viewer
from schema.categories.model import MAX_DEPTH, Category, NewCategory
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.pages import Page, PageArguments, Sort
from schema.slugs import slug_of

BY_NAME = Sort("name", (("name", ASCENDING), ("_id", ASCENDING)), is_never_null=True)

VISIBLE_BY: frozenset[str] = frozenset()
"""What `is_visible` looks at."""


def is_visible(_: Document, __: Viewer | None) -> bool:
    """To everybody."""
    return True


async def find_page(database: Database, page: PageArguments, *, parent_id: ObjectId | None = None) -> Page:
    """All categories, or those right below one, by name."""
    return await pages.find(database.collection(Category), {"parent_id": parent_id} if parent_id else {}, BY_NAME, page)


async def create(context: Context, new: NewCategory) -> Document:
    """A new category; InvalidInput if its parent is not there or too deep, or its slug is taken."""
    above = await place_of(context.database, new.parent_id, "parentId") if new.parent_id else []
    if len(above) >= MAX_DEPTH:
        raise InvalidInput([Fault(("parentId",), f"At most {MAX_DEPTH} levels.", UserErrorCode.NOT_ALLOWED)])
    category = Category(name=new.name, slug=new.slug or slug_of(new.name), parent_id=new.parent_id, ancestor_ids=above)
    try:
        return await context.in_transaction(partial(_insert, category.model_dump_doc()))
    except DuplicateKeyError:
        raise InvalidInput([Fault(("slug",), "This slug is taken.", UserErrorCode.TAKEN)]) from None


async def _insert(category: Document, transaction: Transaction) -> Document:
    await transaction.database.collection(Category).insert_one(category, session=transaction.session)
    return category


async def place_of(database: Database, category_id: ObjectId, field: str) -> list[ObjectId]:
    """The category and all above it, the root first; InvalidInput of the field if there is no such category."""
    category = await database.collection(Category).find_one({"_id": category_id}, {"ancestor_ids": 1})
    if category is None:
        raise InvalidInput([Fault((field,), "There is no such category.", UserErrorCode.NOT_FOUND)])
    return [*category["ancestor_ids"], category_id]
