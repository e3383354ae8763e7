"""What may be asked about categories."""

from typing import Annotated

import strawberry

from schema.caching import cached
from schema.categories import service
from schema.categories.model import Category
from schema.categories.types import SECONDS, CategoryType
from schema.connections import Connection, Paginated
from schema.engine import Document
from schema.nodes import GraphQLInfo, id_of
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC
from schema.reading import load_one


@strawberry.type
class CategoryQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=Connection[CategoryType],
        directives=[cached(Category, max_age=SECONDS)],
        extensions=[Paginated()],
        description="All categories by name, or those right below one.",
    )
    async def categories(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        is_top: Annotated[bool, strawberry.argument(description="Only those at the top of the tree.")] = False,  # noqa: FBT002  (an argument of GraphQL)
        parent_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those right below this category.")
        ] = None,
    ) -> Page:
        """A page of categories."""
        parent = id_of("Category", parent_id) if parent_id is not None else None
        return await service.find_page(info.context.reads, page, parent_id=parent, is_top=is_top)

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=CategoryType | None,
        directives=[cached(Category, max_age=SECONDS)],
        description="One category, by its id or its slug; null when there is none.",
    )
    async def category(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
        slug: Annotated[str | None, strawberry.argument(description="Its slug.")] = None,
    ) -> Document | None:
        """The document of the category."""
        return await load_one(info, Category, id, slug)
