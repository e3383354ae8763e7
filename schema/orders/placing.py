"""How an order is placed: it, what it takes from the stock and its confirmation are one transaction."""

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import partial

from odmantic import ObjectId
from pymongo.errors import DuplicateKeyError

from schema.access import Viewer
from schema.context import Context
from schema.database import Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, NotFound, TimedOut, UserErrorCode
from schema.finds import Found
from schema.jobs import service as jobs
from schema.jobs.model import Job
from schema.money.model import Money
from schema.orders import messages
from schema.orders.model import NewOrder, Order, OrderLine, OrderStatus, OrderStep
from schema.products import stock
from schema.times import utc_now
from schema.users.model import User

MOST_TRIES = 100
"""How often an order is tried whose products were sold or changed while it was being placed."""

ADDRESSED_BY = frozenset({"email", "name"})
"""What letters take of a user."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order as it stands now, and the letter owed about it."""

    order: Document
    job: Document | None


async def place(context: Context, viewer: Viewer, form: NewOrder) -> Outcome:
    """Take the pieces out of the stock, write the order and owe its confirmation.

    The same key and items again are answered by the first order. Whoever wants the same products waits in line here.
    """
    quantities = _quantities(form)
    async with context.locks.held(quantities):
        return await _repeated(context, viewer, form) or await _place(context, viewer, form, quantities)


def _quantities(form: NewOrder) -> dict[ObjectId, int]:
    """The pieces of each product. One in two lines is refused: only the user knows which of them is meant."""
    lines = Counter(item.product_id for item in form.items)
    faults = [
        Fault(("items", str(index), "productId"), "It stands in another line, too.", UserErrorCode.INVALID)
        for index, item in enumerate(form.items)
        if lines[item.product_id] > 1
    ]
    if faults:
        raise InvalidInput(faults)
    return {item.product_id: item.quantity for item in form.items}


async def _repeated(context: Context, viewer: Viewer, form: NewOrder) -> Outcome | None:
    """The first order with this key, if there is one."""
    if form.idempotency_key is None:
        return None
    # the index has nothing but strings: it serves only a query that says so
    named = {"user_id": viewer.id, "idempotency_key": {"$eq": form.idempotency_key, "$type": "string"}}
    order = await context.database.collection(Order).find_one(named, hint="idempotency_key")
    if order is None:
        return None
    if order["request_digest"] != _digest(form):
        message = "Another order was placed with this key."
        raise InvalidInput([Fault(("idempotencyKey",), message, UserErrorCode.IDEMPOTENCY_KEY_REUSED)])
    job = await context.database.collection(Job).find_one({"_id": order["job_id"]}, {"payload": 0})
    return Outcome(order, job)


def _digest(form: NewOrder) -> str:
    """The same for the same items, in whatever order they come."""
    items = sorted(f"{item.product_id}:{item.quantity}" for item in form.items)
    return hashlib.sha256(" ".join(items).encode()).hexdigest()


async def _place(context: Context, viewer: Viewer, form: NewOrder, quantities: stock.Quantities) -> Outcome:
    """A new order; or the one that this very request, sent to another process, was quicker to place."""
    for _ in range(MOST_TRIES):
        try:
            return await _try_to_place(context, viewer, form, quantities)
        except stock.TakenMeanwhileError:
            continue  # what is there now says whether it can still be had, and for how much
        except (InvalidInput, DuplicateKeyError):
            repeated = await _repeated(context, viewer, form)
            if repeated is None:
                raise
            return repeated
    raise TimedOut("Too many want the same, and nothing was ordered. Try again.")


async def _try_to_place(context: Context, viewer: Viewer, form: NewOrder, quantities: stock.Quantities) -> Outcome:
    """What the transaction needs to know is read before, together with what other requests read."""
    user, products = await asyncio.gather(
        _find_user(context, viewer.id), stock.find_sellable(context.database, quantities, context.loaders.finds)
    )
    order = _order(user["_id"], form, _lines(products, quantities, context.currency))
    return await context.in_transaction(partial(_write, context, user, order, products))


async def _write(context: Context, user: Document, order: Order, products: Found, transaction: Transaction) -> Outcome:
    """The stock comes first: this is where transactions collide, and the rest would be in vain."""
    await stock.take(transaction, {line.product_id: line.quantity for line in order.lines}, products)
    job = await jobs.owe(context, transaction, messages.confirmation(user, order), user["_id"])
    written = order.model_dump_doc() | {"job_id": job["_id"]}
    await transaction.database.collection(Order).insert_one(written, session=transaction.session)
    return Outcome(written, job)


def _order(user_id: ObjectId, form: NewOrder, lines: list[OrderLine]) -> Order:
    now = utc_now()
    return Order(
        user_id=user_id,
        lines=lines,
        total=Money(amount=sum(line.total.amount for line in lines), currency_code=lines[0].total.currency_code),
        history=[OrderStep(status=OrderStatus.PENDING, at=now)],
        idempotency_key=form.idempotency_key,
        request_digest=_digest(form) if form.idempotency_key else None,
        created_at=now,
        updated_at=now,
    )


def _lines(products: Found, quantities: stock.Quantities, currency: str) -> list[OrderLine]:
    faults = [
        Fault(("items", str(index), "productId"), f"It has no price in {currency}.", UserErrorCode.NOT_ALLOWED)
        for index, product_id in enumerate(quantities)
        if products[product_id]["price"]["currency_code"] != currency
    ]
    if faults:
        raise InvalidInput(faults)
    return [_line(products[product_id], quantity) for product_id, quantity in quantities.items()]


def _line(product: Document, quantity: int) -> OrderLine:
    price = Money(**product["price"])
    total = Money(amount=price.amount * quantity, currency_code=price.currency_code)
    return OrderLine(product_id=product["_id"], name=product["name"], quantity=quantity, price=price, total=total)


async def _find_user(context: Context, user_id: ObjectId) -> Document:
    """Whom it is confirmed to, together with what other requests read."""
    users = context.database.collection(User)
    found = await context.loaders.finds.by_id(users, ADDRESSED_BY, [user_id])
    return known(found.get(user_id))


def known(user: Document | None) -> Document:
    """The user, if there is one."""
    if user is None:
        raise NotFound("The account of this order is not there.")
    return user
