"""What GraphQL shows, as Strawberry's pages do it: a type for each model, a DataLoader for each relation."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import strawberry
from odmantic import AIOEngine, Model, ObjectId
from odmantic.query import in_
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from benchmarks.graphql.usual import models
from schema.nodes import to_global_id


def loader(engine: AIOEngine, model: type[Model]) -> DataLoader[ObjectId, Any]:
    """Documents by their ids."""

    async def load(ids: list[ObjectId]) -> list[Any]:
        found = {document.id: document for document in await engine.find(model, in_(model.id, ids))}
        return [found.get(each) for each in ids]

    return DataLoader(load_fn=load)


@strawberry.type
class Money:
    amount: Decimal
    currency_code: str

    @classmethod
    def of(cls, money: models.Money) -> Self:
        return cls(amount=Decimal(money.amount).scaleb(-2), currency_code=money.currency_code)


@strawberry.type
class Category:
    id: strawberry.ID
    name: str
    slug: str

    @classmethod
    def of(cls, category: models.Category) -> Self:
        return cls(id=to_global_id("Category", category.id), name=category.name, slug=category.slug)


@strawberry.type
class Product:
    id: strawberry.ID
    name: str
    slug: str
    description: str
    price: Money
    stock: int
    in_stock: bool
    created_at: datetime
    category_id: strawberry.Private[ObjectId]

    @classmethod
    def of(cls, product: models.Product) -> Self:
        return cls(
            id=to_global_id("Product", product.id),
            name=product.name,
            slug=product.slug,
            description=product.description,
            price=Money.of(product.price),
            stock=product.stock,
            in_stock=product.stock > 0,
            created_at=product.created_at.replace(tzinfo=UTC),
            category_id=product.category_id,
        )

    @strawberry.field
    async def category(self, info: Info) -> Category:
        return Category.of(await info.context["categories"].load(self.category_id))


@strawberry.type
class OrderLine:
    name: str
    quantity: int
    price: Money
    total: Money
    product_id: strawberry.Private[ObjectId]

    @classmethod
    def of(cls, line: models.OrderLine) -> Self:
        return cls(
            name=line.name,
            quantity=line.quantity,
            price=Money.of(line.price),
            total=Money.of(line.total),
            product_id=line.product_id,
        )

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        product = await info.context["products"].load(self.product_id)
        return None if product is None or product.is_archived else Product.of(product)


@strawberry.type
class Order:
    id: strawberry.ID
    number: str
    status: str
    created_at: datetime
    total: Money
    lines: list[OrderLine]

    @classmethod
    def of(cls, order: models.Order) -> Self:
        return cls(
            id=to_global_id("Order", order.id),
            number=order.number,
            status=order.status,
            created_at=order.created_at.replace(tzinfo=UTC),
            total=Money.of(order.total),
            lines=[OrderLine.of(line) for line in order.lines],
        )


@strawberry.type
class User:
    id: strawberry.ID
    email: str
    name: str
    role: str


@strawberry.type
class Viewer:
    user: User


@strawberry.type
class Products:
    nodes: list[Product]


@strawberry.type
class Orders:
    nodes: list[Order]


@strawberry.type
class Job:
    id: strawberry.ID
    status: str


@strawberry.type
class UserError:
    field: list[str] | None
    message: str
    code: str


@strawberry.type
class OrderPayload:
    order: Order | None
    job: Job | None
    user_errors: list[UserError]


@strawberry.input
class OrderItemInput:
    product_id: strawberry.ID
    quantity: int


@strawberry.input
class OrderPlaceInput:
    items: list[OrderItemInput]
