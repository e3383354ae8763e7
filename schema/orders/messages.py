"""The letters about an order."""

from collections.abc import Mapping
from typing import Literal

from schema.engine import Document
from schema.jobs.messages import Email, OrderConfirmationEmail, OrderedLine, OrderStatusEmail
from schema.money.model import Money, formatted
from schema.orders.model import Order, OrderLine, OrderStatus

_TOLD: Mapping[OrderStatus, Literal["PAID", "SHIPPED", "CANCELLED"]] = {
    OrderStatus.PAID: "PAID",
    OrderStatus.SHIPPED: "SHIPPED",
    OrderStatus.CANCELLED: "CANCELLED",
}
"""What a customer wants to hear of."""


def confirmation(user: Document, order: Order) -> Email:
    """What was ordered, and what it costs."""
    return OrderConfirmationEmail(
        to=user["email"],
        name=user["name"],
        number=order.number,
        lines=tuple(_line(line) for line in order.lines),
        total=formatted(order.total),
    )


def _line(line: OrderLine) -> OrderedLine:
    return OrderedLine(name=line.name, quantity=line.quantity, price=formatted(line.price), total=formatted(line.total))


def step(user: Document, order: Document, status: OrderStatus) -> Email | None:
    """Word of an order's new status; None if it is not worth a letter."""
    if status not in _TOLD:
        return None
    return OrderStatusEmail(
        to=user["email"],
        name=user["name"],
        number=order["number"],
        status=_TOLD[status],
        total=formatted(Money(**order["total"])),
    )
