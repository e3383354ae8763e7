"""What the letters about an order say."""

import pytest
from odmantic import ObjectId

from schema.money.model import Money
from schema.orders import messages
from schema.orders.model import Order, OrderLine, OrderStatus
from tasks.render import render

USER = {"email": "ada@example.com", "name": "Ada"}


def _order(name: str = "Lamp", currency: str = "EUR", amount: int = 123_456) -> Order:
    price, total = (Money(amount=each, currency_code=currency) for each in (amount, amount * 2))
    line = OrderLine(product_id=ObjectId(), name=name, quantity=2, price=price, total=total)
    return Order(user_id=ObjectId(), lines=[line], total=total, history=[])


@pytest.mark.parametrize(("currency", "total"), [("EUR", "€2,469.12"), ("USD", "$2,469.12"), ("JPY", "¥246,912")])
def test_sums_are_written_as_their_currency_is(currency: str, total: str) -> None:
    words = render(messages.confirmation(USER, _order(currency=currency)))
    assert f"Total: {total}" in words.text
    assert total in words.html


def test_a_confirmation_lists_what_was_ordered() -> None:
    order = _order("Lamp & <b>Søn</b>")
    words = render(messages.confirmation(USER, order))
    assert words.subject == f"Your order {order.number}"
    assert "2 x Lamp & <b>Søn</b>, €1,234.56 each: €2,469.12" in words.text
    assert "Lamp &amp; &lt;b&gt;Søn&lt;/b&gt;" in words.html


@pytest.mark.parametrize(
    ("status", "subject"),
    [
        (OrderStatus.PAID, "Your order {} is paid"),
        (OrderStatus.SHIPPED, "Your order {} is on its way"),
        (OrderStatus.CANCELLED, "Your order {} is cancelled"),
    ],
)
def test_a_step_that_a_customer_wants_to_hear_of_is_told(status: OrderStatus, subject: str) -> None:
    order = _order().model_dump_doc()
    letter = messages.step(USER, order, status)
    assert letter is not None
    assert render(letter).subject == subject.format(order["number"])


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.DELIVERED])
def test_other_steps_are_no_letter(status: OrderStatus) -> None:
    assert messages.step(USER, _order().model_dump_doc(), status) is None
