"""Products for the tests, with all that follows from their fields."""

from typing import Any

from odmantic import ObjectId

from schema.money.model import Money
from schema.products.model import Product
from schema.products.search.terms import found_by
from tests.support.application import Collections


async def add_product(collections: Collections, **changes: Any) -> ObjectId:  # noqa: ANN401  # whatever a product has
    """The id of a new product: a lamp of 19.99 EUR, 10 of them in stock, with these changes."""
    product_id, category_id = ObjectId(), ObjectId()
    lamp = {"name": "Lamp", "slug": f"lamp-{product_id}", "stock": 10, "category_id": category_id}
    given: dict[str, Any] = lamp | changes
    price = given.pop("price", Money(amount=1999, currency_code="EUR"))
    derived = found_by(given["name"], given["slug"], given.get("description", ""), price.amount, [category_id])
    product = Product(id=product_id, price=price, in_stock=given["stock"] > 0, **given, **derived)
    await collections.products.insert_one(product.model_dump_doc())
    return product_id
