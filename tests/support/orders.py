"""Orders for the tests: who buys, what they send, and what is kept of it."""

from typing import Any

from odmantic import ObjectId

from schema.access import Role
from schema.nodes import to_global_id
from schema.sessions.model import Session
from schema.tokens import AccessTokens
from schema.users.model import User
from settings.config import Settings
from tests.support.application import Client, Collections

ORDER = """
  id number status
  lines { name quantity price { amount currencyCode } total { amount currencyCode } }
  total { amount currencyCode } history { status at } createdAt updatedAt user { email }
"""
PAYLOAD = f"{{ order {{{ORDER}}} job {{ id kind status }} userErrors {{ field message code }} }}"
PLACE = f"mutation($input: OrderPlaceInput!) {{ orderPlace(input: $input) {PAYLOAD} }}"
CANCEL = f"mutation($id: ID!) {{ orderCancel(input: {{id: $id}}) {PAYLOAD} }}"
STEP = f"mutation($id: ID!, $status: OrderStatus!) {{ orderStatusSet(input: {{id: $id, status: $status}}) {PAYLOAD} }}"

Payload = dict[str, Any]


async def signed_in(
    client: Client, collections: Collections, settings: Settings, names: list[str], role: Role = Role.USER
) -> list[Client]:
    """A client for each new user, in one write and without the time that a sign-up takes."""
    users = [_user(name, role) for name in names]
    sessions = [Session(user_id=user.id, device="tests", ip="127.0.0.1") for user in users]
    await collections.users.insert_many([user.model_dump_doc() for user in users])
    await collections.sessions.insert_many([session.model_dump_doc() for session in sessions])
    tokens = AccessTokens(settings.signing_secret)
    return [Client(client.http, tokens.issue(session.user_id, session.id)) for session in sessions]


def _user(name: str, role: Role) -> User:
    email = f"{name.lower()}@example.com"
    return User(email=email, email_key=email, name=name, password_hash="none", role=role)


def item(product_id: ObjectId, quantity: Any = 1) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    """A line as a client sends it."""
    return {"productId": to_global_id("Product", product_id), "quantity": quantity}


async def place(client: Client, *items: dict[str, Any], key: str | None = None) -> Payload:
    """The payload of `orderPlace`."""
    form = {"items": list(items)} | ({"idempotencyKey": key} if key else {})
    return dict((await client.data(PLACE, {"input": form}))["orderPlace"])


async def cancel(client: Client, order_id: str) -> Payload:
    """The payload of `orderCancel`."""
    return dict((await client.data(CANCEL, {"id": order_id}))["orderCancel"])


async def step(client: Client, order_id: str, status: str) -> Payload:
    """The payload of `orderStatusSet`."""
    return dict((await client.data(STEP, {"id": order_id, "status": status}))["orderStatusSet"])


def faults(payload: Payload) -> list[tuple[str, str]]:
    """Where the faults stand, and their codes; of a payload that holds nothing else."""
    assert payload["order"] is None
    assert payload["job"] is None
    return [(".".join(error["field"]), error["code"]) for error in payload["userErrors"]]


async def stock_of(collections: Collections, product_id: ObjectId) -> int:
    """The pieces left, with `in_stock` in step."""
    product = await collections.products.find_one({"_id": product_id})
    assert product is not None
    assert product["in_stock"] is (product["stock"] > 0)
    return int(product["stock"])


async def counts(collections: Collections) -> tuple[int, int]:
    """How many orders there are, and how many letters are owed."""
    return await collections.orders.count_documents({}), await collections.jobs.count_documents({})
