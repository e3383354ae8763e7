"""Every thing by its id."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import strawberry
from odmantic import Model

from schema.categories import service as categories
from schema.categories.model import Category
from schema.engine import Document
from schema.errors import BadUserInput
from schema.files import service as files
from schema.files.model import File
from schema.jobs import service as jobs
from schema.jobs.model import Job
from schema.nodes import GraphQLInfo, IsVisible, Node, from_global_id, shown
from schema.orders import service as orders
from schema.orders.model import Order
from schema.permissions import PUBLIC
from schema.products import service as products
from schema.products.model import Product
from schema.reading import load
from schema.sessions import service as sessions
from schema.sessions.model import Session
from schema.users import service as users
from schema.users.model import User
from schema.viewer.types import ViewerType

MOST_NODES = 100
"""How many things `nodes` answers at once, as many as the longest page of a list."""

NODES: Mapping[str, tuple[type[Model], IsVisible, frozenset[str]]] = {
    "Category": (Category, categories.is_visible, categories.VISIBLE_BY),
    "File": (File, files.is_visible, files.VISIBLE_BY),
    "Job": (Job, jobs.is_visible, jobs.VISIBLE_BY),
    "Order": (Order, orders.is_visible, orders.VISIBLE_BY),
    "Product": (Product, products.is_visible, products.VISIBLE_BY),
    "Session": (Session, sessions.is_visible, sessions.VISIBLE_BY),
    "User": (User, users.is_visible, users.VISIBLE_BY),
}
"""By the name of each type that is a Node: its documents, who may see one, and which fields decide that."""


@strawberry.type
class ViewerQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=ViewerType | None,
        description="The person who asks; null when nobody is signed in.",
    )
    async def me(self, info: GraphQLInfo) -> ViewerType | None:
        """The viewer, if there is one."""
        viewer = info.context.viewer
        user = viewer and await load(info, User, viewer.id)
        return ViewerType(user=user) if user else None

    @strawberry.field(
        metadata=PUBLIC, graphql_type=Node | None, description="Any thing by its id; null when there is none."
    )
    async def node(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of any thing.")],  # noqa: A002
    ) -> Document | None:
        """The document, whatever its type."""
        return await find(info, id)

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=list[Node | None],
        description="Things by their ids, in their order, at most 100; null for each that is not there.",
    )
    async def nodes(
        self,
        info: GraphQLInfo,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")],
    ) -> list[Document | None]:
        """The documents, whatever their types."""
        if len(ids) > MOST_NODES:
            raise BadUserInput(f"At most {MOST_NODES} ids at once.")
        return await asyncio.gather(*(find(info, node_id) for node_id in ids))


async def find(info: GraphQLInfo, global_id: str) -> Document | None:
    """The document of a global id, for who may see it, marked with its type's name."""
    type_name, document_id = from_global_id(global_id)
    if type_name not in NODES:
        raise BadUserInput("This is not an id.")
    model, is_visible, visible_by = NODES[type_name]
    document = shown(info, await load(info, model, document_id, visible_by, type_name), is_visible)
    return document and document | {"__typename": type_name}
