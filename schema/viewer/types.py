"""The person who asks, and all that is theirs."""

import strawberry

from schema.access import Permission, require
from schema.connections import Connection, Paginated
from schema.engine import Document
from schema.jobs import operations as jobs
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo
from schema.orders import service as orders
from schema.orders.types import OrderType
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC, permitted
from schema.selection import SAME_DOCUMENT, reads
from schema.sessions import service as sessions
from schema.sessions.types import SessionType
from schema.users.types import UserType


@strawberry.type(name="Viewer", description="The person who asks.")
class ViewerType:
    """Made of the signed-in user's document."""

    user: Document = strawberry.field(
        metadata=PUBLIC | SAME_DOCUMENT, graphql_type=UserType, description="Their account."
    )

    @permitted(
        Permission.SIGNED_IN,
        graphql_type=Connection[SessionType],
        more=[Paginated()],
        metadata=reads(),
        description="The devices they are signed in on, the newest first.",
    )
    async def sessions(self, info: GraphQLInfo, page: PageArguments) -> Page:
        """A page of the viewer's sessions."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return await sessions.find_page(info.context.database, viewer, page)

    @permitted(
        Permission.SIGNED_IN,
        graphql_type=Connection[OrderType],
        more=[Paginated()],
        metadata=reads(),
        description="What they ordered, the newest first.",
    )
    async def orders(self, info: GraphQLInfo, page: PageArguments) -> Page:
        """A page of the viewer's orders."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return await orders.find_own_page(info.context.database, viewer, page)

    @permitted(
        Permission.SIGNED_IN,
        graphql_type=Connection[JobType],
        more=[Paginated()],
        metadata=reads(),
        description="The letters owed to them and what else runs for them, the newest first.",
    )
    async def jobs(self, info: GraphQLInfo, page: PageArguments) -> Page:
        """A page of the viewer's jobs."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return await jobs.find_own_page(info.context.database, viewer, page)
