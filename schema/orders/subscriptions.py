"""What may be watched of orders."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from schema.engine import Document
from schema.nodes import GraphQLInfo, id_of
from schema.orders import service
from schema.orders.model import FINAL, Order
from schema.orders.types import OrderType
from schema.permissions import PUBLIC
from schema.reading import follow

NEEDED = service.VISIBLE_BY | {"status"}
"""What a subscription reads beside what is selected: who may see the order, and whether it is over."""


@strawberry.type
class OrderSubscriptions:
    """Root fields of Subscription."""

    @strawberry.subscription(
        metadata=PUBLIC,
        graphql_type=OrderType,
        description="An order as it is now, and again each time it changes; ends after DELIVERED or CANCELLED. "
        "NOT_FOUND when there is none, or none of yours.",
    )
    async def order_updated(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the order.")],  # noqa: A002
    ) -> AsyncGenerator[Document, None]:
        """The documents of the order."""
        async with aclosing(follow(info, Order, id_of("Order", id), NEEDED, service.is_visible)) as orders:
            async for order in orders:
                yield order
                if order["status"] in FINAL:
                    return
