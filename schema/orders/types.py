"""How GraphQL shows an order. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.engine import Document
from schema.enums import described
from schema.money.types import MoneyType
from schema.nodes import GraphQLInfo, Node, shown
from schema.orders.model import OrderStatus
from schema.permissions import PUBLIC
from schema.products import service as products
from schema.products.model import Product
from schema.products.types import ProductType
from schema.reading import related
from schema.users import service as users
from schema.users.model import User
from schema.users.types import UserType

described(
    OrderStatus,
    "Where an order stands: PENDING, PAID, SHIPPED, DELIVERED, or CANCELLED before it was shipped.",
    PENDING="Placed, and not paid yet.",
    PAID="Paid, and not on its way yet.",
    SHIPPED="On its way; it cannot be cancelled any more.",
    DELIVERED="With the customer; this is final.",
    CANCELLED="Called off, its pieces back in stock; this is final.",
)


def _on_sale(info: GraphQLInfo, product: Document | None) -> Document | None:
    """One that is off sale is no secret: nothing is logged."""
    return product if product and products.is_visible(product, info.context.viewer) else None


def _customer(info: GraphQLInfo, user: Document | None) -> Document | None:
    return shown(info, user, users.is_visible)


@strawberry.type(name="OrderLine", description="So many pieces of one product, as it was when they were ordered.")
class OrderLineType:
    """An embedded document of an order."""

    name: str = strawberry.field(metadata=PUBLIC, description="What the product was called.")
    quantity: int = strawberry.field(metadata=PUBLIC, description="How many pieces.")
    price: MoneyType = strawberry.field(metadata=PUBLIC, description="What one piece cost.")
    total: MoneyType = strawberry.field(metadata=PUBLIC, description="What all pieces cost.")

    product = related(
        Product,
        by="product_id",
        needed=products.VISIBLE_BY,
        shown=_on_sale,
        graphql_type=ProductType | None,
        description="The product as it is now; null when it is not sold any more, but to administrators.",
    )


@strawberry.type(name="OrderStep", description="A status an order got.")
class OrderStepType:
    """An embedded document of an order."""

    status: OrderStatus = strawberry.field(metadata=PUBLIC, description="The status.")
    at: datetime = strawberry.field(metadata=PUBLIC, description="When the order got it.")


@strawberry.type(name="Order", description="An order. Shown to whose it is and to who may read orders.")
class OrderType(Node):
    """A document of `orders`."""

    number: str = strawberry.field(metadata=PUBLIC, description="For people: unique, and short enough to be read out.")
    status: OrderStatus = strawberry.field(metadata=PUBLIC, description="Where the order stands.")
    lines: list[OrderLineType] = strawberry.field(metadata=PUBLIC, description="What was ordered, as it was asked for.")
    total: MoneyType = strawberry.field(metadata=PUBLIC, description="What all lines cost.")
    history: list[OrderStepType] = strawberry.field(
        metadata=PUBLIC, description="Every status it had, the first one first."
    )
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was placed.")
    updated_at: datetime = strawberry.field(metadata=PUBLIC, description="When its status changed last.")

    user = related(
        User,
        by="user_id",
        needed=users.VISIBLE_BY,
        shown=_customer,
        graphql_type=UserType | None,
        description="Whose it is; null for who may not read users.",
    )
