"""What may be done with an order over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.engine import Document
from schema.inputs import validate
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo, id_of
from schema.orders import placing, service
from schema.orders.model import MOST_LINES, MOST_PIECES, NewOrder, OrderStatus
from schema.orders.placing import Outcome
from schema.orders.types import OrderType
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="So many pieces of a product.")
class OrderItemInput:
    """A line of `OrderPlaceInput`."""

    product_id: strawberry.ID = strawberry.field(description="The product.")
    quantity: int = strawberry.field(description=f"How many pieces: 1 to {MOST_PIECES:,}.")


@strawberry.input(description="What to buy.")
class OrderPlaceInput:
    """What `orderPlace` takes."""

    items: list[OrderItemInput] = strawberry.field(description=f"1 to {MOST_LINES} lines, each of another product.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Your own name for this one order, 1 to 200 characters. Sent again with the same items it answers "
        "the first order, with others it is refused. Without it each call is an order.",
    )


@strawberry.input(description="An order, by the id.")
class OrderCancelInput(KeyedInput):
    """What `orderCancel` takes."""

    id: strawberry.ID = strawberry.field(description="The order.")


@strawberry.input(description="A status for an order.")
class OrderStatusSetInput(KeyedInput):
    """What `orderStatusSet` takes."""

    id: strawberry.ID = strawberry.field(description="The order.")
    status: OrderStatus = strawberry.field(
        description="PENDING becomes PAID, then SHIPPED, then DELIVERED; until it is shipped, CANCELLED as well."
    )


@strawberry.type(description="The answer to a change of an order.")
class OrderPayload(Payload):
    """What the mutations here answer."""

    order: Document | None = strawberry.field(
        default=None, metadata=PUBLIC, graphql_type=OrderType | None, description="The order; null when refused."
    )
    job: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=JobType | None,
        description="The letter that is on its way; null when refused, or when none is owed.",
    )


@strawberry.type
class OrderMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.SIGNED_IN,
        more=[Idempotent(OrderPayload)],
        description="Buy. The pieces leave the stock, the order is written and its confirmation goes out, all or none.",
    )
    async def order_place(self, info: GraphQLInfo, input: Annotated[OrderPlaceInput, INPUT]) -> OrderPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        items = [{"product_id": id_of("Product", item.product_id), "quantity": item.quantity} for item in input.items]
        form = validate(NewOrder, {"items": items, "idempotency_key": input.idempotency_key})
        return _payload(await placing.place(info.context, viewer, form))

    @permitted(
        Permission.SIGNED_IN,
        more=[Idempotent(OrderPayload)],
        description="Cancel an order that was not shipped: your own, or anybody's for who manages orders. Its pieces "
        "are back in stock.",
    )
    async def order_cancel(self, info: GraphQLInfo, input: Annotated[OrderCancelInput, INPUT]) -> OrderPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return _payload(await service.cancel(info.context, viewer, id_of("Order", input.id)))

    @permitted(
        Permission.ORDERS_MANAGE,
        more=[Idempotent(OrderPayload)],
        description="Take an order a step further. A cancelled order's pieces are back in stock.",
    )
    async def order_status_set(self, info: GraphQLInfo, input: Annotated[OrderStatusSetInput, INPUT]) -> OrderPayload:  # noqa: A002
        """Take, call, wrap."""
        return _payload(await service.set_status(info.context, id_of("Order", input.id), input.status))


def _payload(outcome: Outcome) -> OrderPayload:
    return OrderPayload(order=outcome.order, job=outcome.job)
