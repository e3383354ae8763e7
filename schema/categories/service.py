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
from schema.slugs import another, slug_of

BY_NAME = Sort("name", (("name", ASCENDING), ("_id", ASCENDING)), is_never_null=True)

VISIBLE_BY: frozenset[str] = frozenset()
"""What `is_visible` looks at."""


def is_visible(_: Document, __: Viewer | None) -> bool:
    """To everybody."""
    return True


async def find_page(
    database: Database, page: PageArguments, *, parent_id: ObjectId | None = None, is_top: bool = False
) -> Page:
    """All categories, those right below one, or those at the top of the tree, by name."""
    right_below: Document = {"parent_id": parent_id} if parent_id or is_top else {}
    return await pages.find(database.collection(Category), right_below, BY_NAME, page)


async def create(context: Context, new: NewCategory) -> Document:
    """A new category; InvalidInput if its parent is not there or too deep, or its slug is taken."""
    above = await place_of(context.database, new.parent_id, "parentId") if new.parent_id else []
    if len(above) >= MAX_DEPTH:
        raise InvalidInput([Fault(("parentId",), f"At most {MAX_DEPTH} levels.", UserErrorCode.NOT_ALLOWED)])
    try:
        return await context.in_transaction(partial(_insert, new, new.slug or slug_of(new.name), above))
    except DuplicateKeyError:
        if new.slug:
            raise InvalidInput([Fault(("slug",), "This slug is taken.", UserErrorCode.TAKEN)]) from None
    return await context.in_transaction(partial(_insert, new, another(slug_of(new.name)), above))


async def _insert(new: NewCategory, slug: str, above: list[ObjectId], transaction: Transaction) -> Document:
    category = Category(name=new.name, slug=slug, parent_id=new.parent_id, ancestor_ids=above).model_dump_doc()
    await transaction.database.collection(Category).insert_one(category, session=transaction.session)
    return category


async def place_of(database: Database, category_id: ObjectId, field: str) -> list[ObjectId]:
    """The category and all above it, the root first; InvalidInput of the field if there is no such category."""
    category = await database.collection(Category).find_one({"_id": category_id}, {"ancestor_ids": 1})
    if category is None:
        raise InvalidInput([Fault((field,), "There is no such category.", UserErrorCode.NOT_FOUND)])
    return [*category["ancestor_ids"], category_id]
