"""The documents, as ODMantic's pages show them."""

from datetime import datetime

from odmantic import EmbeddedModel, Field, Model, ObjectId


class Money(EmbeddedModel):
    """An amount in cents."""

    amount: int
    currency_code: str


class Category(Model):
    """Where products stand."""

    name: str
    slug: str
    created_at: datetime

    model_config = {"collection": "categories"}


class Product(Model):
    """What is sold."""

    name: str
    slug: str
    description: str
    price: Money
    stock: int
    category_id: ObjectId
    is_archived: bool
    created_at: datetime
    updated_at: datetime

    model_config = {"collection": "products"}


class OrderLine(EmbeddedModel):
    """Some pieces of a product."""

    product_id: ObjectId
    name: str
    quantity: int
    price: Money
    total: Money


class Order(Model):
    """What somebody has bought."""

    user_id: ObjectId
    number: str
    lines: list[OrderLine]
    total: Money
    status: str = "PENDING"
    created_at: datetime
    updated_at: datetime

    model_config = {"collection": "orders"}


class User(Model):
    """Who has an account."""

    email: str
    email_key: str
    name: str
    role: str
    created_at: datetime = Field(default_factory=datetime.utcnow)

    model_config = {"collection": "users"}
