"""What may be done with an order that is there. The change, what it puts back and what it owes are one transaction."""

from odmantic import ObjectId
from pymongo import DESCENDING, ReturnDocument

from schema import pages
from schema.access import Permission, Viewer, deny, whose
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.jobs import service as jobs
from schema.orders import messages
from schema.orders.model import STEPS, Order, OrderFilter, OrderStatus
from schema.orders.placing import ADDRESSED_BY, Outcome, known
from schema.pages import Page, PageArguments, Sort
from schema.products import stock
from schema.projection import projection
from schema.times import utc_now
from schema.users.model import User

VISIBLE_BY = frozenset({"user_id"})
"""What `is_visible` looks at."""


def is_visible(order: Document, viewer: Viewer | None) -> bool:
    """To whose it is and to who may read orders."""
    return viewer is not None and (order["user_id"] == viewer.id or viewer.may(Permission.ORDERS_READ))


async def find_page(database: Database, viewer: Viewer, wanted: OrderFilter, page: PageArguments) -> Page:
    """The orders that fit, the newest first: the viewer's own, or anybody's for who may read orders."""
    user_id = whose(viewer, wanted.user_id, Permission.ORDERS_READ, "another user's orders")
    return await _find_page(database, user_id, wanted.status, page)


async def find_own_page(database: Database, viewer: Viewer, page: PageArguments) -> Page:
    """The viewer's own orders, the newest first."""
    return await _find_page(database, viewer.id, None, page)


async def _find_page(
    database: Database, user_id: ObjectId | None, status: OrderStatus | None, page: PageArguments
) -> Page:
    """Each combination has an index, named after it."""
    where: Document = {"user_id": user_id, "status": status and status.value}
    where = {key: value for key, value in where.items() if value is not None}
    index = "_".join([*where, "newest"])
    newest = Sort("newest", (("created_at", DESCENDING), ("_id", DESCENDING)), index, is_never_null=True)
    return await pages.find(database.collection(Order), where, newest, page)


async def _user(transaction: Transaction, user_id: ObjectId) -> Document:
    users = transaction.database.collection(User)
    return known(await users.find_one({"_id": user_id}, projection(ADDRESSED_BY), session=transaction.session))


async def cancel(context: Context, viewer: Viewer, order_id: ObjectId) -> Outcome:
    """Cancel one of the viewer's orders, or anybody's for who manages orders, and put its pieces back."""
    order = await _find(context.database, order_id)
    if order["user_id"] != viewer.id and not viewer.may(Permission.ORDERS_MANAGE):
        deny(viewer, "another user's order")
        raise InvalidInput([_UNKNOWN])
    return await _step(context, order, OrderStatus.CANCELLED, ("id",))


async def set_status(context: Context, order_id: ObjectId, status: OrderStatus) -> Outcome:
    """Take an order a step further; see `STEPS` for those there are."""
    return await _step(context, await _find(context.database, order_id), status, ("status",))


_UNKNOWN = Fault(("id",), "There is no such order.", UserErrorCode.NOT_FOUND)


async def _find(database: Database, order_id: ObjectId) -> Document:
    order = await database.collection(Order).find_one({"_id": order_id})
    if order is None:
        raise InvalidInput([_UNKNOWN])
    return order


async def _step(context: Context, order: Document, status: OrderStatus, field: tuple[str, ...]) -> Outcome:
    """The step, a letter if it is worth one, and, if the order is cancelled, its pieces back in stock."""
    returned = _pieces(order) if status is OrderStatus.CANCELLED else {}

    async def work(transaction: Transaction) -> Outcome:
        stepped = await _set(transaction, order["_id"], status, field)
        await stock.put_back(transaction, returned)
        letter = messages.step(await _user(transaction, order["user_id"]), stepped, status)
        job = None if letter is None else await jobs.owe(context, transaction, letter, order["user_id"])
        return Outcome(stepped, job)

    async with context.locks.held(returned):
        return await context.in_transaction(work)


def _pieces(order: Document) -> stock.Quantities:
    return {line["product_id"]: line["quantity"] for line in order["lines"]}


async def _set(transaction: Transaction, order_id: ObjectId, status: OrderStatus, field: tuple[str, ...]) -> Document:
    now = utc_now()
    may_step = {"_id": order_id, "status": {"$in": [before.value for before in STEPS[status]]}}
    step = {
        "$set": {"status": status.value, "updated_at": now},
        "$push": {"history": {"status": status.value, "at": now}},
    }
    order: Document | None = await transaction.database.collection(Order).find_one_and_update(
        may_step, step, return_document=ReturnDocument.AFTER, session=transaction.session
    )
    if order is None:
        message = f"As it stands, the order cannot become {status.value}."
        raise InvalidInput([Fault(field, message, UserErrorCode.NOT_ALLOWED)])
    return order
