"""Categories and products for the tests, kept as the product keeps them."""

from typing import Any

from odmantic import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from schema.categories.model import Category
from schema.money.model import Money
from schema.products.model import Product
from schema.products.search.terms import found_by
from schema.slugs import slug_of

Document = dict[str, Any]


def category_document(name: str = "Lighting", above: tuple[ObjectId, ...] = ()) -> Document:
    """A category below these, the root first."""
    parent_id = above[-1] if above else None
    category = Category(name=name, slug=slug_of(f"{name} {ObjectId()}"), parent_id=parent_id, ancestor_ids=list(above))
    return dict(category.model_dump_doc())


def product_document(place_ids: tuple[ObjectId, ...] = (), **changes: Any) -> Document:  # noqa: ANN401  # any field
    """A product in the last of these places: a lamp of 19.99 EUR, ten of them, with these changes."""
    place_ids = place_ids or (ObjectId(),)
    fields: Document = {"name": "Oak Lamp", "description": "", "stock": 10, "amount": 1999} | changes
    amount = fields.pop("amount")
    slug = fields.setdefault("slug", slug_of(f"{fields['name']} {ObjectId()}"))
    product = Product(
        **fields,
        **found_by(fields["name"], slug, fields["description"], amount, place_ids),
        price=Money(amount=amount, currency_code="EUR"),
        in_stock=fields["stock"] > 0,
        category_id=place_ids[-1],
    )
    return dict(product.model_dump_doc())


async def add_product(collections: AsyncDatabase[Document], **changes: Any) -> ObjectId:  # noqa: ANN401  # any field
    """The id of a new product: a lamp of 19.99 EUR, ten of them, with these changes; in a category of its own."""
    if "place_ids" not in changes:
        category = category_document()
        await collections["categories"].insert_one(category)
        changes["place_ids"] = (category["_id"],)
    document = product_document(**changes)
    await collections["products"].insert_one(document)
    return ObjectId(document["_id"])
