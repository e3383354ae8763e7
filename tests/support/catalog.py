"""Products for the tests, written as the catalogue writes them."""

from typing import Any

from odmantic import ObjectId

from schema.money.model import Money
from schema.products.model import Product
from schema.products.terms import folded, terms, words
from tests.support.application import Collections


async def add_product(collections: Collections, **changes: Any) -> ObjectId:  # noqa: ANN401  # whatever a product has
    """The id of a new product: a lamp of 19.99 EUR, 10 of them in stock, with these changes."""
    product_id, category_id = ObjectId(), ObjectId()
    fields = {"name": "Lamp", "slug": f"lamp-{product_id}", "price": 1999, "currency": "EUR", "stock": 10} | changes
    searched = words(fields["name"])
    product = Product(
        id=product_id,
        name=fields["name"],
        name_key=folded(fields["name"]),
        slug=fields["slug"],
        price=Money(amount=fields["price"], currency_code=fields["currency"]),
        stock=fields["stock"],
        in_stock=fields["stock"] > 0,
        category_id=category_id,
        place_ids=[category_id],
        is_archived=fields.get("is_archived", False),
        words=searched,
        terms=terms(fields["name"], fields["slug"], searched, fields["price"], [category_id]),
    )
    await collections.products.insert_one(product.model_dump_doc())
    return product_id
