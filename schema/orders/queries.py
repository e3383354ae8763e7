"""What may be asked about orders."""

from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.connections import Connection, Paginated
from schema.engine import Document
from schema.nodes import GraphQLInfo, id_of, shown
from schema.orders import service
from schema.orders.model import Order, OrderFilter, OrderStatus
from schema.orders.types import OrderType
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC, permitted
from schema.reading import load


@strawberry.input(name="OrderWhere", description="Which orders; all conditions together.")
class OrderWhere:
    """What `orders` filters by."""

    status: OrderStatus | None = strawberry.field(default=None, description="With this status.")
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="This user's; another's than your own only for who may read orders."
    )


def _wanted(where: OrderWhere | None) -> OrderFilter:
    if where is None:
        return OrderFilter()
    user_id = id_of("User", where.user_id) if where.user_id is not None else None
    return OrderFilter(status=where.status, user_id=user_id)


@strawberry.type
class OrderQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC,
        graphql_type=OrderType | None,
        description="An order by its id; null when there is none, or none of yours.",
    )
    async def order(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the order.")],  # noqa: A002
    ) -> Document | None:
        """The document of the order."""
        order = await load(info, Order, id_of("Order", id), service.VISIBLE_BY)
        return shown(info, order, service.is_visible)

    @permitted(
        Permission.SIGNED_IN,
        graphql_type=Connection[OrderType],
        more=[Paginated()],
        description="Orders, the newest first: your own, or everybody's for who may read orders.",
    )
    async def orders(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        where: Annotated[OrderWhere | None, strawberry.argument(description="Which orders; all without it.")] = None,
    ) -> Page:
        """A page of orders."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        database = info.context.reads if viewer.may(Permission.ORDERS_READ) else info.context.database
        return await service.find_page(database, viewer, _wanted(where), page)
