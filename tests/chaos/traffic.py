"""Customers of a chaos run: they sign up and order over HTTP, and ask again by the same key until they are answered."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, TextIO

import httpx
from odmantic import ObjectId
from pymongo import AsyncMongoClient

from schema.nodes import from_global_id, to_global_id
from schema.tokens import AccessTokens
from tests.chaos.stage import Stage
from tests.support.application import Client, Collections, ada
from tests.support.catalog import add_product
from tests.support.orders import signed_in

_CUSTOMERS = 12
_PAUSE = 0.3
_SIGN_UPS = 0.05
_PIECES = 100_000_000
_SIGN_UP = "mutation($i: UserSignUpInput!) { userSignUp(input: $i) { job { id } userErrors { code } } }"
_ORDER = "mutation($i: OrderPlaceInput!) { orderPlace(input: $i) { job { id } userErrors { code } } }"

Variables = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """Whom a letter goes to, and how they are signed in: a run outlives a token."""

    email: str
    token: Callable[[], str | None] = lambda: None


@dataclass
class Traffic:
    """What the customers do. `acknowledged` gets a line for each answer: when, the job's id, the recipient."""

    http: httpx.AsyncClient
    customers: list[Customer]
    product_id: str
    dice: Random
    acknowledged: TextIO
    is_over: bool = False
    repeats: int = 0

    async def run(self) -> None:
        """Until it is over."""
        async with asyncio.TaskGroup() as tasks:
            for customer in self.customers:
                tasks.create_task(self._shop(customer))

    async def _shop(self, customer: Customer) -> None:
        while not self.is_over:
            if self.dice.random() < _SIGN_UPS:
                await self._sign_up()
            else:
                await self._order(customer)
            await asyncio.sleep(self.dice.uniform(0, 2 * _PAUSE))

    async def _sign_up(self) -> None:
        visitor = Customer(f"{uuid.uuid4().hex}@example.com")
        await self._until_answered(visitor, _SIGN_UP, ada(email=visitor.email))

    async def _order(self, customer: Customer) -> None:
        await self._until_answered(customer, _ORDER, {"items": [{"productId": self.product_id, "quantity": 1}]})

    async def _until_answered(self, customer: Customer, mutation: str, form: Variables) -> None:
        key = uuid.uuid4().hex
        while not (job_id := await self._ask(customer, mutation, form, key)):
            self.repeats += 1
            if self.is_over:
                return
            await asyncio.sleep(_PAUSE)
        self.acknowledged.write(f"{time.time():.3f}\t{job_id}\t{customer.email}\n")
        self.acknowledged.flush()

    async def _ask(self, customer: Customer, mutation: str, form: Variables, key: str) -> ObjectId | None:
        """The id of the job that is owed; None: no answer, or one that says to try again."""
        try:
            client = Client(self.http, customer.token())
            answer = (await client.post(mutation, {"i": form}, idempotency_key=key)).json()
        except (httpx.TransportError, ValueError):  # cut off, or a proxy's page in place of JSON
            return None
        if "errors" in answer:
            return None
        (payload,) = answer["data"].values()
        if payload["userErrors"]:
            raise AssertionError(f"{mutation} was refused: {payload['userErrors']}")
        return from_global_id(payload["job"]["id"])[1]


@contextmanager
def traffic(stage: Stage, dice: Random) -> Iterator[Traffic]:
    """Customers who shop while the block runs."""
    with (stage.folder / "acknowledged").open("a", encoding="utf-8") as acknowledged:
        running = stage.portal.wrap_async_context_manager(_shopping(stage, dice, acknowledged))
        with running as shopping:
            yield shopping


@asynccontextmanager
async def _shopping(stage: Stage, dice: Random, acknowledged: TextIO) -> AsyncIterator[Traffic]:
    async with httpx.AsyncClient(base_url=stage.url, timeout=10) as http:
        customers, product_id = await _prepare(stage, Client(http))
        shopping = Traffic(http, customers, product_id, dice, acknowledged)
        task = asyncio.create_task(shopping.run())
        yield shopping
        shopping.is_over = True
        await task


async def _prepare(stage: Stage, client: Client) -> tuple[list[Customer], str]:
    tokens = AccessTokens(stage.settings.signing_secret)
    async with AsyncMongoClient[dict[str, Any]](stage.mongodb.url, tz_aware=True) as mongodb:
        collections: Collections = mongodb.get_default_database()
        product_id = await add_product(collections, stock=_PIECES)
        await signed_in(client, collections, stage.settings, [f"customer{number}" for number in range(_CUSTOMERS)])
        emails = {user["_id"]: user["email"] async for user in collections.users.find()}
        sessions = [(session["user_id"], session["_id"]) async for session in collections.sessions.find()]
    customers = [Customer(emails[ids[0]], partial(tokens.issue, *ids)) for ids in sessions]
    return customers, to_global_id("Product", product_id)
