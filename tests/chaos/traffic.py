"""Customers of a chaos run: they sign up and order over HTTP, and ask again by the same key until they are answered."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from random import Random
from typing import Any, NamedTuple, TextIO

import httpx
from odmantic import ObjectId
from pymongo import AsyncMongoClient

from schema.nodes import from_global_id, to_global_id
from schema.tokens import AccessTokens
from tests.chaos.oracle import ORDER
from tests.chaos.stage import Stage
from tests.support.application import Client, Collections, ada
from tests.support.catalog import add_product
from tests.support.orders import signed_in

_CUSTOMERS = 12
_PRODUCTS = 6
_PAUSE = 0.3
_SIGN_UPS = 0.05
_AGAIN = 0.1
"""How many ask once more for what they were answered already, as after a second click."""
_BOOKS = ("asked", "acknowledged")
_PIECES = 100_000_000
_MUTATIONS = {
    "userSignUp": "mutation($i: UserSignUpInput!) { userSignUp(input: $i) { job { id } userErrors { code } } }",
    ORDER: "mutation($i: OrderPlaceInput!) { orderPlace(input: $i) { job { id } userErrors { code } } }",
}


@dataclass(frozen=True)
class Customer:
    """Whom a letter goes to, what they buy, and how they are signed in: a run outlives a token."""

    email: str
    product_id: str = ""
    token: Callable[[], str | None] = lambda: None


class Wish(NamedTuple):
    """What a customer asks for, by one key however often."""

    at: float
    key: str
    customer: Customer
    mutation: str
    form: dict[str, Any]


@dataclass
class Traffic:
    """What the customers do. Two of them buy the same product, so that what blocks one does not stop them all.

    `asked` gets a line for each key: when, the key, the mutation, the recipient. `acknowledged` gets one for each
    answer: when, the key, the job's id. `last_order` is when the latest order was asked that has been acknowledged.
    """

    http: httpx.AsyncClient
    customers: list[Customer]
    dice: Random
    asked: TextIO
    acknowledged: TextIO
    is_over: bool = False
    repeats: int = 0
    last_order: float = 0

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
        await self._wish(visitor, "userSignUp", ada(email=visitor.email))

    async def _order(self, customer: Customer) -> None:
        await self._wish(customer, ORDER, {"items": [{"productId": customer.product_id, "quantity": 1}]})

    async def _wish(self, customer: Customer, mutation: str, form: dict[str, Any]) -> None:
        wish = Wish(_now(), uuid.uuid4().hex, customer, mutation, form)
        _note(self.asked, wish.at, wish.key, mutation, customer.email)
        while not await self._is_answered(wish):
            self.repeats += 1
            if self.is_over:
                return
            await asyncio.sleep(_PAUSE)
        if self.dice.random() < _AGAIN:
            await self._is_answered(wish)

    async def _is_answered(self, wish: Wish) -> bool:
        if not (job_id := await self._ask(wish)):
            return False
        _note(self.acknowledged, _now(), wish.key, job_id)
        if wish.mutation == ORDER:
            self.last_order = max(self.last_order, wish.at)
        return True

    async def _ask(self, wish: Wish) -> ObjectId | None:
        """The id of the job that is owed; None: no answer, or one that says to try again."""
        try:
            client, mutation = Client(self.http, wish.customer.token()), _MUTATIONS[wish.mutation]
            answer = (await client.post(mutation, {"i": wish.form}, idempotency_key=wish.key)).json()
        except (httpx.TransportError, ValueError):  # cut off, or a proxy's page in place of JSON
            return None
        if "errors" in answer:
            return None
        (payload,) = answer["data"].values()
        if payload["userErrors"]:
            raise AssertionError(f"{wish.mutation} was refused: {payload['userErrors']}")
        return from_global_id(payload["job"]["id"])[1]


def _now() -> float:
    """As exactly as the books have it."""
    return round(time.time(), 3)


def _note(book: TextIO, *facts: object) -> None:
    book.write("\t".join(map(str, facts)) + "\n")
    book.flush()


@contextmanager
def traffic(stage: Stage, dice: Random) -> Iterator[Traffic]:
    """Customers who shop while the block runs."""
    with ExitStack() as stack:
        books = [stack.enter_context((stage.folder / name).open("a", encoding="utf-8")) for name in _BOOKS]
        running = stage.portal.wrap_async_context_manager(_shopping(stage, dice, *books))
        yield stack.enter_context(running)


@asynccontextmanager
async def _shopping(stage: Stage, dice: Random, asked: TextIO, acknowledged: TextIO) -> AsyncIterator[Traffic]:
    async with httpx.AsyncClient(base_url=stage.url, timeout=10) as http:
        shopping = Traffic(http, await _prepare(stage, Client(http)), dice, asked, acknowledged)
        task = asyncio.create_task(shopping.run())
        try:
            yield shopping
        finally:
            shopping.is_over = True
            await task


async def _prepare(stage: Stage, client: Client) -> list[Customer]:
    tokens = AccessTokens(stage.settings.signing_secret)
    async with AsyncMongoClient[dict[str, Any]](stage.mongodb.url, tz_aware=True) as mongodb:
        collections: Collections = mongodb.get_default_database()
        products = [to_global_id("Product", await add_product(collections, stock=_PIECES)) for _ in range(_PRODUCTS)]
        await signed_in(client, collections, stage.settings, [f"customer{number}" for number in range(_CUSTOMERS)])
        emails = {user["_id"]: user["email"] async for user in collections.users.find()}
        sessions = [(session["user_id"], session["_id"]) async for session in collections.sessions.find()]
    return [
        Customer(emails[ids[0]], product_id, partial(tokens.issue, *ids))
        for ids, product_id in zip(sessions, cycle(products), strict=False)
    ]
