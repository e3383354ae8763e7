"""What may be done with categories, over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission
from schema.categories import service
from schema.categories.model import NewCategory
from schema.categories.types import CategoryType
from schema.engine import Document
from schema.inputs import validate
from schema.nodes import GraphQLInfo, id_of
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="A new category.")
class CategoryCreateInput(KeyedInput):
    """What `categoryCreate` takes."""

    name: str = strawberry.field(description="What people call it: one line, 1 to 100 characters.")
    slug: str | None = strawberry.field(
        default=None, description="Its name in URLs, like floor-lamps; left out, it is made of the name."
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The category right above; left out, it stands at the top of the tree."
    )


@strawberry.type(description="The answer to `categoryCreate`.")
class CategoryCreatePayload(Payload):
    """What `categoryCreate` answers."""

    category: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=CategoryType | None,
        description="The new category; null when refused.",
    )


@strawberry.type
class CategoryMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.CATALOG_MANAGE, more=[Idempotent(CategoryCreatePayload)], description="Add a category to the tree."
    )
    async def category_create(
        self,
        info: GraphQLInfo,
        input: Annotated[CategoryCreateInput, INPUT],  # noqa: A002
    ) -> CategoryCreatePayload:
        """Take, call, wrap."""
        parent_id = id_of("Category", input.parent_id) if input.parent_id is not None else None
        new = validate(NewCategory, vars(input) | {"parent_id": parent_id})
        return CategoryCreatePayload(category=await service.create(info.context, new))
