"""What may be asked about products."""

from typing import Annotated

import strawberry

from schema.caching import cached
from schema.connections import Connection, Paginated
from schema.engine import Document
from schema.nodes import GraphQLInfo, shown
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC
from schema.products import service
from schema.products.inputs import ProductWhere, filter_of
from schema.products.model import Product
from schema.products.search.filters import ProductSort
from schema.products.types import SECONDS, ProductType
from schema.reading import load_one


@strawberry.type
class ProductQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=Connection[ProductType],
        directives=[cached(Product, max_age=SECONDS)],
        extensions=[Paginated()],
        description="The products on sale, the newest first.",
    )
    async def products(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        where: Annotated[ProductWhere | None, strawberry.argument(description="Which ones; all without it.")] = None,
        sort_by: Annotated[
            ProductSort, strawberry.argument(description="In which order.")
        ] = ProductSort.CREATED_AT_DESC,
    ) -> Page:
        """A page of products."""
        return await service.find_page(info.context, filter_of(where), sort_by, page)

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=ProductType | None,
        directives=[cached(Product, max_age=SECONDS)],
        description="One product, by its id or its slug; null when there is none.",
    )
    async def product(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
        slug: Annotated[str | None, strawberry.argument(description="Its slug.")] = None,
    ) -> Document | None:
        """The document of the product."""
        found = await load_one(info, Product, id, slug, service.VISIBLE_BY)
        return shown(info, found, service.is_visible)
