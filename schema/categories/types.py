"""How GraphQL shows a category. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.caching import cached
from schema.categories.model import Category
from schema.nodes import Node
from schema.permissions import PUBLIC
from schema.reading import related

SECONDS = 300
"""How long a browser or a proxy may show what the tree was."""


@strawberry.type(
    name="Category",
    directives=[cached(Category, max_age=SECONDS)],
    description="A place in the tree of the catalogue.",
)
class CategoryType(Node):
    """A document of `categories`."""

    name: str = strawberry.field(metadata=PUBLIC, description="What people call it.")
    slug: str = strawberry.field(metadata=PUBLIC, description="Its name in URLs, unique among categories.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was made.")

    parent = related(
        Category,
        by="parent_id",
        graphql_type="CategoryType | None",
        description="The category right above; null at the top of the tree.",
    )
    ancestors = related(
        Category,
        by="ancestor_ids",
        is_list=True,
        graphql_type="list[CategoryType]",
        description="All categories above, the top of the tree first.",
    )
