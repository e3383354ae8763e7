"""Every thing by its id."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import strawberry
from odmantic import ObjectId

from schema.database import Database
from schema.engine import Document
from schema.errors import BadUserInput
from schema.jobs import service as jobs
from schema.nodes import GraphQLInfo, Node, from_global_id

MOST_NODES = 100
"""How many things `nodes` answers at once, as many as the longest page of a list."""

Finder = Callable[[Database, ObjectId], Awaitable[Document | None]]

FINDERS: Mapping[str, Finder] = {"Job": jobs.find}
"""By the name of each type that is a Node: how its document is found."""


@strawberry.type
class NodeQueries:
    """Root fields of Query."""

    @strawberry.field(graphql_type=Node | None, description="Any thing by its id; null when there is none.")
    async def node(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of any thing.")],  # noqa: A002
    ) -> Document | None:
        """The document, whatever its type."""
        return await find(info.context.database, id)

    @strawberry.field(
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
        return await asyncio.gather(*(find(info.context.database, node_id) for node_id in ids))


async def find(database: Database, global_id: str) -> Document | None:
    """The document of a global id, marked with its type's name."""
    type_name, document_id = from_global_id(global_id)
    if type_name not in FINDERS:
        raise BadUserInput("This is not an id.")
    document = await FINDERS[type_name](database, document_id)
    return document and document | {"__typename": type_name}
