"""What may be done with products. They are never deleted: an archived one is kept for the orders that name it."""

from functools import partial

from odmantic import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from schema import pages
from schema.access import Permission, Viewer, require
from schema.categories.service import place_of
from schema.context import Context
from schema.database import Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.files import service as files
from schema.money.model import MoneyAmount
from schema.pages import Page, PageArguments, Sort
from schema.products.model import MOST_IMAGES, NewProduct, Product, ProductChanges
from schema.products.search.branches import search
from schema.products.search.filters import ProductFilter, ProductSort
from schema.products.search.leads import Leads
from schema.products.search.terms import found_by
from schema.slugs import another, slug_of
from schema.times import utc_now

VISIBLE_BY = frozenset({"is_archived"})
"""What `is_visible` looks at."""

_TAKEN = Fault(("slug",), "This slug is taken.", UserErrorCode.TAKEN)
_UNKNOWN = Fault(("id",), "There is no such product.", UserErrorCode.NOT_FOUND)


def _sort(name: str, key: str, direction: int) -> Sort:
    return Sort(name, ((key, direction), ("_id", direction)), index=name, is_never_null=True)


SORTS = {
    ProductSort.CREATED_AT_ASC: _sort("by_creation", "created_at", ASCENDING),
    ProductSort.CREATED_AT_DESC: _sort("by_creation", "created_at", DESCENDING),
    ProductSort.NAME_ASC: _sort("by_name", "name_key", ASCENDING),
    ProductSort.NAME_DESC: _sort("by_name", "name_key", DESCENDING),
    ProductSort.PRICE_ASC: _sort("by_price", "price.amount", ASCENDING),
    ProductSort.PRICE_DESC: _sort("by_price", "price.amount", DESCENDING),
}
"""Each order, with the index that has it."""


def is_visible(product: Document, viewer: Viewer | None) -> bool:
    """To everybody while it is on sale, afterwards to who manages the catalogue."""
    return not product["is_archived"] or (viewer is not None and viewer.may(Permission.CATALOG_MANAGE))


async def find_page(context: Context, wanted: ProductFilter, order: ProductSort, page: PageArguments) -> Page:
    """The products that are wanted, in this order; Forbidden if archived ones are asked for without the permission."""
    if wanted.archived:
        require(context.viewer, Permission.CATALOG_MANAGE)
    sort = SORTS[order]
    leads = Leads(context.currency, sorted_by_price=sort.index == "by_price")
    found = search(wanted, leads)
    return await pages.find(context.reads.collection(Product), found.branches, sort, page, found.condition)


async def create(context: Context, new: NewProduct) -> Document:
    """A new product; InvalidInput if its currency is not the shop's, its category not there or its slug taken."""
    _require_currency(context, new.price)
    place_ids = await place_of(context.database, new.category_id, "categoryId")
    try:
        return await _add(context, new, new.slug or slug_of(new.name), place_ids)
    except DuplicateKeyError:
        if new.slug:
            raise InvalidInput([_TAKEN]) from None
    return await _add(context, new, another(slug_of(new.name)), place_ids)


async def _add(context: Context, new: NewProduct, slug: str, place_ids: list[ObjectId]) -> Document:
    price = new.price.money()
    product = Product(
        **new.model_dump(exclude={"slug", "price"}),
        **found_by(new.name, slug, new.description, price.amount, place_ids),
        slug=slug,
        price=price,
        in_stock=new.stock > 0,
    )
    return await context.in_transaction(partial(_insert, product.model_dump_doc()))


async def _insert(product: Document, transaction: Transaction) -> Document:
    await transaction.database.collection(Product).insert_one(product, session=transaction.session)
    return product


async def update(context: Context, product_id: ObjectId, changes: ProductChanges) -> Document:
    """Change what is given of a product; orders that were placed keep its name and price as they were."""
    if changes.price:
        _require_currency(context, changes.price)
    try:
        return await context.database.in_transaction(partial(_change, context, product_id, changes))
    except DuplicateKeyError:
        raise InvalidInput([_TAKEN]) from None


async def _change(
    context: Context, product_id: ObjectId, changes: ProductChanges, transaction: Transaction
) -> Document:
    products = context.database.collection(Product)
    current = await products.find_one({"_id": product_id}, session=transaction.session)
    if current is None:
        raise InvalidInput([_UNKNOWN])
    given = _given(changes)
    place_ids = current["place_ids"]
    if changes.category_id:
        place_ids = await place_of(context.database, changes.category_id, "categoryId")
    new = current | given
    given |= found_by(new["name"], new["slug"], new["description"], new["price"]["amount"], place_ids)
    await products.update_one({"_id": product_id}, {"$set": given}, session=transaction.session)
    return current | given


def _given(changes: ProductChanges) -> Document:
    """What is changed, as it is kept."""
    given = changes.model_dump(exclude_none=True, exclude={"price"}) | {"updated_at": utc_now()}
    if changes.price:
        given["price"] = changes.price.money().model_dump()
    if changes.stock is not None:
        given["in_stock"] = changes.stock > 0
    return given


async def attach_image(context: Context, product_id: ObjectId, file_id: ObjectId, *, is_first: bool) -> Document:
    """Show a picture with a product, before or behind its others; one that is there already is moved."""
    return await context.database.in_transaction(partial(_attach, context, product_id, file_id, is_first=is_first))


async def _attach(
    context: Context, product_id: ObjectId, file_id: ObjectId, transaction: Transaction, *, is_first: bool
) -> Document:
    products = context.database.collection(Product)
    product = await products.find_one({"_id": product_id}, session=transaction.session)
    if product is None:
        raise InvalidInput([_UNKNOWN])
    file = await files.attach(transaction, file_id, context.viewer)
    if not file["content_type"].startswith("image/"):
        raise InvalidInput([Fault(("fileId",), "It is no picture.", UserErrorCode.INVALID)])
    others = [image_id for image_id in product["image_ids"] if image_id != file_id]
    if len(others) >= MOST_IMAGES:
        raise InvalidInput([Fault((), f"At most {MOST_IMAGES} pictures.", UserErrorCode.TOO_LONG)])
    changes = {"image_ids": [file_id, *others] if is_first else [*others, file_id], "updated_at": utc_now()}
    await products.update_one({"_id": product_id}, {"$set": changes}, session=transaction.session)
    return product | changes


async def archive(context: Context, product_id: ObjectId) -> Document:
    """Take a product off sale; it stays where it is, for orders and for `restore`."""
    now = utc_now()
    return await _set(context, product_id, {"is_archived": True, "archived_at": now, "updated_at": now})


async def restore(context: Context, product_id: ObjectId) -> Document:
    """Put an archived product on sale again."""
    return await _set(context, product_id, {"is_archived": False, "archived_at": None, "updated_at": utc_now()})


async def _set(context: Context, product_id: ObjectId, changes: Document) -> Document:
    """Change it unless it is so already: the time of the first archiving stays."""
    return await context.database.in_transaction(partial(_set_unless, product_id, changes))


async def _set_unless(product_id: ObjectId, changes: Document, transaction: Transaction) -> Document:
    products, session = transaction.database.collection(Product), transaction.session
    other = {"_id": product_id, "is_archived": not changes["is_archived"]}
    await products.update_one(other, {"$set": changes}, session=session)
    product = await products.find_one({"_id": product_id}, session=session)
    if product is None:
        raise InvalidInput([_UNKNOWN])
    return product


def _require_currency(context: Context, price: MoneyAmount) -> None:
    if price.currency_code != context.currency:
        message = f"This shop's prices are in {context.currency}."
        raise InvalidInput([Fault(("price", "currencyCode"), message, UserErrorCode.INVALID)])
