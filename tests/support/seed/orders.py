"""What the people of the demo shop have ordered: more and more while it lived, in every status by its end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import sqrt
from random import Random

from schema.engine import Document
from schema.money.model import Money
from schema.orders.model import Order, OrderLine, OrderStatus, OrderStep
from tests.support.seed import people
from tests.support.seed.plan import LAST, Plan, moment
from tests.support.seed.products import Assortment

_PATH = ((OrderStatus.PAID, 8), (OrderStatus.SHIPPED, 40), (OrderStatus.DELIVERED, 70))
"""What follows on PENDING, and after how many hours on average."""

_FORGOTTEN, _CANCELLED, _REPRICED = 0.02, 0.05, 0.25
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CUSTOMER = 1
_OF_THE_CUSTOMER = 0.02


def documents(plan: Plan) -> list[Document]:
    """The orders as they are kept, the oldest first."""
    assortment = Assortment(plan, [])
    return [_document(plan, assortment, number) for number in range(plan.orders)]


def _document(plan: Plan, assortment: Assortment, number: int) -> Document:
    dice = plan.dice("order", number)
    share = sqrt((number + dice.random()) / plan.orders)
    created_at = moment(share)
    lines = _lines(dice, plan, assortment, share)
    steps = list(_steps(dice, created_at))
    order = Order(
        id=plan.identify("order", number, created_at),
        user_id=people.identify(plan, _buyer(dice, plan, share)),
        number=f"{''.join(dice.choices(_LETTERS, k=5))}-{''.join(dice.choices(_LETTERS, k=5))}",
        lines=lines,
        total=Money(amount=sum(line.total.amount for line in lines), currency_code=plan.currency),
        status=steps[-1].status,
        history=steps,
        created_at=created_at,
        updated_at=steps[-1].at,
    )
    return order.model_dump_doc()


def _buyer(dice: Random, plan: Plan, share: float) -> int:
    """Somebody who had an account by then; the customer one can sign in as buys often."""
    return _CUSTOMER if dice.random() < _OF_THE_CUSTOMER else dice.randint(_CUSTOMER, int(plan.users * share) or 1)


def _lines(dice: Random, plan: Plan, assortment: Assortment, share: float) -> list[OrderLine]:
    """One to five products that were there by then."""
    there = max(1, int(plan.products * share))
    numbers = {dice.randrange(there) for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4, 5)))}
    return [_line(dice, plan, assortment, number) for number in sorted(numbers)]


def _line(dice: Random, plan: Plan, assortment: Assortment, number: int) -> OrderLine:
    offer, quantity = assortment.offer(number), dice.choice((1, 1, 1, 1, 1, 1, 2, 2, 3, 6))
    price = offer.price * dice.choice((80, 90, 95, 110)) // 100 if dice.random() < _REPRICED else offer.price
    return OrderLine(
        product_id=offer.id,
        name=offer.name,
        quantity=quantity,
        price=Money(amount=price, currency_code=plan.currency),
        total=Money(amount=price * quantity, currency_code=plan.currency),
    )


def _steps(dice: Random, placed_at: datetime) -> Iterator[OrderStep]:
    """How far the order came until the shop's last moment. Some are never paid, and some cancelled on the way."""
    at = placed_at
    yield OrderStep(status=OrderStatus.PENDING, at=at)
    is_forgotten = dice.random() < _FORGOTTEN
    for status, hours in _PATH:
        at += timedelta(milliseconds=int(dice.expovariate(1 / hours) * 3_600_000))
        if at > LAST or is_forgotten:
            return
        if status is not OrderStatus.DELIVERED and dice.random() < _CANCELLED:
            yield OrderStep(status=OrderStatus.CANCELLED, at=at)
            return
        yield OrderStep(status=status, at=at)
