"""The root fields."""

import uuid
from datetime import UTC, datetime

import strawberry
from fastapi import BackgroundTasks
from odmantic import AIOEngine, ObjectId
from odmantic.query import desc
from odmantic.session import AIOTransaction
from strawberry.types import Info

from benchmarks.graphql.usual import models, types
from schema.nodes import from_global_id, to_global_id
from schema.orders.model import order_number


@strawberry.type
class Query:
    @strawberry.field
    async def me(self, info: Info) -> types.Viewer | None:
        user = await _user(info)
        if user is None:
            return None
        shown = types.User(id=to_global_id("User", user.id), email=user.email, name=user.name, role=user.role)
        return types.Viewer(user=shown)

    @strawberry.field
    async def product(self, info: Info, id: strawberry.ID) -> types.Product | None:  # noqa: A002  # GraphQL's name
        product = await _engine(info).find_one(models.Product, models.Product.id == from_global_id(id)[1])
        return None if product is None or product.is_archived else types.Product.of(product)

    @strawberry.field
    async def products(self, info: Info, first: int = 20) -> types.Products:
        newest = (desc(models.Product.created_at), desc(models.Product.id))
        on_sale = models.Product.is_archived == False  # noqa: E712  # ODMantic makes a query of it
        found = await _engine(info).find(models.Product, on_sale, sort=newest, limit=first)
        return types.Products(nodes=[types.Product.of(product) for product in found])

    @strawberry.field
    async def orders(self, info: Info, first: int = 20) -> types.Orders:
        newest = (desc(models.Order.created_at), desc(models.Order.id))
        own = models.Order.user_id == ObjectId(info.context["user_id"])
        found = await _engine(info).find(models.Order, own, sort=newest, limit=first)
        return types.Orders(nodes=[types.Order.of(order) for order in found])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def order_place(self, info: Info, input: types.OrderPlaceInput) -> types.OrderPayload:  # noqa: A002  # GraphQL's name
        user = await _user(info)
        if user is None:
            raise PermissionError("Sign in.")
        async with _engine(info).transaction() as transaction:
            lines = [await _take(transaction, item) for item in input.items]
            order = await transaction.save(_order(user, lines))
        tasks: BackgroundTasks = info.context["background_tasks"]
        tasks.add_task(_send_confirmation, user.email, order.number)
        job = types.Job(id=strawberry.ID(uuid.uuid4().hex), status="QUEUED")
        return types.OrderPayload(order=types.Order.of(order), job=job, user_errors=[])


async def _take(transaction: AIOTransaction, item: types.OrderItemInput) -> models.OrderLine:
    wanted = models.Product.id == from_global_id(item.product_id)[1]
    product = await transaction.find_one(models.Product, wanted)
    if product is None or product.is_archived or product.stock < item.quantity:
        raise ValueError("It cannot be sold in this quantity.")
    product.stock -= item.quantity
    await transaction.save(product)
    total = models.Money(amount=product.price.amount * item.quantity, currency_code=product.price.currency_code)
    return models.OrderLine(
        product_id=product.id, name=product.name, quantity=item.quantity, price=product.price, total=total
    )


def _order(user: models.User, lines: list[models.OrderLine]) -> models.Order:
    now = datetime.now(UTC).replace(tzinfo=None)
    amount, currency = sum(line.total.amount for line in lines), lines[0].total.currency_code
    total = models.Money(amount=amount, currency_code=currency)
    return models.Order(
        id=ObjectId(), user_id=user.id, number=order_number(), lines=lines, total=total, created_at=now, updated_at=now
    )


def _send_confirmation(_: str, __: str) -> None:
    """Where FastAPI's pages send a letter."""


async def _user(info: Info) -> models.User | None:
    if not info.context["user_id"]:
        return None
    return await _engine(info).find_one(models.User, models.User.id == ObjectId(info.context["user_id"]))


def _engine(info: Info) -> AIOEngine:
    engine: AIOEngine = info.context["engine"]
    return engine


schema = strawberry.Schema(query=Query, mutation=Mutation)
