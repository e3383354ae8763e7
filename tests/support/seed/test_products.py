import pytest

from schema.engine import Document
from schema.products.model import NewProduct, Product
from tests.support.seed import catalogue, images
from tests.support.seed.plan import FIRST, LAST, Plan
from tests.support.seed.products import Assortment

PLAN = Plan(seed=3)


def documents(plan: Plan, numbers: range) -> list[Document]:
    assortment = Assortment(plan, images.identify(plan))
    return [assortment.document(number) for number in numbers]


@pytest.fixture(scope="module")
def products() -> list[Document]:
    return documents(PLAN, range(PLAN.products))


def test_a_product_has_the_fields_of_the_model_and_no_other(products: list[Document]) -> None:
    for document in products[::20]:
        assert Product.model_validate_doc(document).model_dump_doc() == document


def test_a_product_could_have_been_typed_in_by_an_administrator(products: list[Document]) -> None:
    for document in products[::20]:
        typed = {name: document[name] for name in ("name", "slug", "description", "stock", "category_id")}
        price = {"amount": document["price"]["amount"] / 100, "currency_code": "EUR"}
        new = NewProduct.model_validate({**typed, "price": price})
        assert new.name == document["name"]
        assert new.price.money().model_dump() == document["price"]


def test_a_product_is_found_in_its_category_and_all_above(products: list[Document]) -> None:
    categories = {category["_id"]: category for category in catalogue.documents(PLAN)}
    assert len(categories) == 40
    for document in products:
        category = categories[document["category_id"]]
        assert document["place_ids"] == [*category["ancestor_ids"], category["_id"]]
        assert f"c:{category['parent_id']}" in document["terms"]


def test_the_products_differ_and_are_of_every_kind(products: list[Document]) -> None:
    assert len({document["slug"] for document in products}) == len(products)
    assert len({document["description"] for document in products}) > 900
    assert len({document["category_id"] for document in products}) == 32
    assert {document["in_stock"] for document in products} == {True, False}
    assert {document["is_archived"] for document in products} == {True, False}


def test_prices_are_spread_from_3_to_3000_evenly_on_a_logarithmic_scale(products: list[Document]) -> None:
    prices = sorted(document["price"]["amount"] for document in products)
    assert prices[0] >= 300
    assert prices[-1] <= 301_000
    assert 3_000 < prices[len(prices) // 2] < 30_000


def test_a_currency_without_cents_has_whole_prices() -> None:
    euros, yen = (documents(Plan(currency=currency), range(5)) for currency in ("EUR", "JPY"))
    assert [document["price"]["amount"] for document in yen] == [document["price"]["amount"] for document in euros]
    assert {document["price"]["currency_code"] for document in yen} == {"JPY"}


def test_a_description_is_finished_text_of_two_to_four_sentences(products: list[Document]) -> None:
    for document in products:
        assert "{" not in document["description"]
        assert 1 <= document["description"].rstrip(".").count(". ") <= 3


def test_products_were_added_one_after_the_other_while_the_shop_lived(products: list[Document]) -> None:
    times = [document["created_at"] for document in products]
    assert times == sorted(times)
    assert times[0] >= FIRST
    assert all(document["updated_at"] <= LAST for document in products)
    assert [document["_id"] for document in products] == sorted(document["_id"] for document in products)


def test_another_seed_throws_other_dice() -> None:
    assert documents(Plan(seed=4), range(3)) != documents(PLAN, range(3))
