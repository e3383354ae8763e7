from itertools import pairwise

import pytest

from schema.engine import Document
from schema.orders.model import STEPS, Order, OrderStatus
from tests.support.seed import orders, people
from tests.support.seed.plan import Plan
from tests.support.seed.products import Assortment

PLAN = Plan(seed=3)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return orders.documents(PLAN)


def test_an_order_has_the_fields_of_the_model_and_no_other(documents: list[Document]) -> None:
    for document in documents[::20]:
        assert Order.model_validate_doc(document).model_dump_doc() == document


def test_there_are_orders_in_every_status_which_they_reached_step_by_step(documents: list[Document]) -> None:
    assert {document["status"] for document in documents} == set(OrderStatus)
    for document in documents:
        history = document["history"]
        assert (history[0]["status"], history[0]["at"]) == (OrderStatus.PENDING, document["created_at"])
        assert (history[-1]["status"], history[-1]["at"]) == (document["status"], document["updated_at"])
        for before, after in pairwise(history):
            assert before["status"] in STEPS[after["status"]]
            assert before["at"] <= after["at"]


def test_an_order_adds_up(documents: list[Document]) -> None:
    for document in documents:
        for line in document["lines"]:
            assert line["total"]["amount"] == line["price"]["amount"] * line["quantity"]
        assert document["total"]["amount"] == sum(line["total"]["amount"] for line in document["lines"])


def test_what_was_ordered_was_there_and_some_of_it_had_another_price(documents: list[Document]) -> None:
    assortment = Assortment(PLAN, [])
    offers = {offer.id: offer for offer in map(assortment.offer, range(PLAN.products))}
    lines = [(document["created_at"], line) for document in documents for line in document["lines"]]
    assert all(offers[line["product_id"]].name == line["name"] for _, line in lines)
    assert all(offers[line["product_id"]].created_at <= at for at, line in lines[100:])
    repriced = [line for _, line in lines if offers[line["product_id"]].price != line["price"]["amount"]]
    assert 0 < len(repriced) < len(lines) / 2


def test_buyers_have_accounts_and_the_customer_has_many_orders(documents: list[Document]) -> None:
    accounts = {user["_id"]: user for user in people.documents(PLAN)}
    for document in documents:
        assert accounts[document["user_id"]]["created_at"] <= document["created_at"]
    buyers = [accounts[document["user_id"]]["email"] for document in documents]
    assert buyers.count(people.CUSTOMER) > 20
    assert people.ADMIN not in buyers
