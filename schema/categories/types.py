"""How GraphQL shows a category. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.categories.model import Category
from schema.engine import Document
from schema.nodes import GraphQLInfo, Node
from schema.permissions import PUBLIC
from schema.reading import load, load_many
from schema.selection import reads


@strawberry.type(name="Category", description="A place in the tree of the catalogue.")
class CategoryType(Node):
    """A document of `categories`."""

    name: str = strawberry.field(metadata=PUBLIC, description="What people call it.")
    slug: str = strawberry.field(metadata=PUBLIC, description="Its name in URLs, unique among categories.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was made.")

    @strawberry.field(
        metadata=PUBLIC | reads("parent_id"),
        graphql_type="CategoryType | None",
        description="The category right above; null at the top of the tree.",
    )
    async def parent(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> Document | None:
        """The parent's document, in one call for all rows."""
        return await load(info, Category, root["parent_id"])

    @strawberry.field(
        metadata=PUBLIC | reads("ancestor_ids"),
        graphql_type="list[CategoryType]",
        description="All categories above, the top of the tree first.",
    )
    async def ancestors(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> list[Document]:
        """The documents, in one call for all rows."""
        return await load_many(info, Category, root["ancestor_ids"])
