"""What may be asked about categories."""

from typing import Annotated

import strawberry

from schema.categories import service
from schema.categories.types import CategoryType
from schema.connections import Connection, Paginated
from schema.nodes import GraphQLInfo, id_of
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC


@strawberry.type
class CategoryQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=Connection[CategoryType],
        extensions=[Paginated()],
        description="All categories by name, or those right below one.",
    )
    async def categories(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        parent_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those right below this category.")
        ] = None,
    ) -> Page:
        """A page of categories."""
        parent = id_of("Category", parent_id) if parent_id is not None else None
        return await service.find_page(info.context.database, page, parent_id=parent)
