"""How GraphQL shows a product. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.categories.model import Category
from schema.categories.types import CategoryType
from schema.engine import Document
from schema.files.model import File
from schema.files.types import FileType
from schema.money.types import MoneyType
from schema.nodes import GraphQLInfo, Node
from schema.permissions import PUBLIC
from schema.reading import load, load_many
from schema.selection import reads


@strawberry.type(name="Product", description="A thing the shop sells. Archived ones are shown to administrators alone.")
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

    @strawberry.field(
        metadata=PUBLIC | reads("category_id"), graphql_type=CategoryType, description="Where in the tree it stands."
    )
    async def category(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> Document | None:
        """The category's document, in one call for all rows."""
        return await load(info, Category, root["category_id"])

    @strawberry.field(
        metadata=PUBLIC | reads("image_ids"),
        graphql_type=list[FileType],
        description="Its pictures, the one to show first at the front.",
    )
    async def images(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> list[Document]:
        """The files' documents, in one call for all rows."""
        return await load_many(info, File, root["image_ids"])
