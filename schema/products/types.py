"""How GraphQL shows a product. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.caching import cached
from schema.categories.model import Category
from schema.categories.types import CategoryType
from schema.files.model import File
from schema.files.types import FileType
from schema.money.types import MoneyType
from schema.nodes import Node
from schema.permissions import PUBLIC
from schema.products.model import Product
from schema.reading import related

SECONDS = 30
"""How long a browser or a proxy may show what a product was."""


@strawberry.type(
    name="Product",
    directives=[cached(Product, max_age=SECONDS)],
    description="A thing the shop sells. Archived ones are shown to administrators alone.",
)
class ProductType(Node):
    """A document of `products`."""

    name: str = strawberry.field(metadata=PUBLIC, description="What people call it.")
    slug: str = strawberry.field(metadata=PUBLIC, description="Its name in URLs, unique among products.")
    description: str = strawberry.field(metadata=PUBLIC, description="What people read about it; may be empty.")
    price: MoneyType = strawberry.field(metadata=PUBLIC, description="What one piece costs.")
    stock: int = strawberry.field(metadata=PUBLIC, description="Pieces that can be ordered now.")
    in_stock: bool = strawberry.field(metadata=PUBLIC, description="Whether there is a piece at all.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was added.")
    updated_at: datetime = strawberry.field(
        metadata=PUBLIC, description="When something was last changed that an administrator writes."
    )
    archived_at: datetime | None = strawberry.field(
        metadata=PUBLIC, description="Since when it is off sale; null while it can be ordered."
    )

    category = related(
        Category, by="category_id", graphql_type=CategoryType, description="Where in the tree it stands."
    )
    images = related(
        File,
        by="image_ids",
        is_list=True,
        graphql_type=list[FileType],
        directives=[cached(File, max_age=SECONDS)],
        description="Its pictures, the one to show first at the front.",
    )
