"""What each kind of request costs the API, MongoDB and the network, measured over HTTP on the real programs."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.letters.measure import cpu_seconds
from benchmarks.lists import QUERY as LIST
from schema.engine import Document
from schema.nodes import to_global_id
from tests.support.application import SIGN_IN, SIGN_UP, Client
from tests.support.orders import PLACE, item
from tests.support.processes import Server
from tests.support.seed.people import PASSWORD

PRODUCT = """query($id: ID!) { product(id: $id) {
  name description price { amount currencyCode } category { name } images { url } stock
} }"""
ME = """{ me { user { name email } orders(first: 10) { nodes { number status total { amount } } } } }"""
REFRESH = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken refreshToken } }"
CLIENTS = 8

Ask = Callable[[], Awaitable[int]]
"""One request; answers how many bytes came."""


@dataclass(frozen=True)
class Cost:
    """Of one request: microseconds of CPU of the API and of MongoDB, its commands, and bytes to client and to API."""

    api: float
    mongodb: float
    commands: float
    bytes_out: float
    bytes_in: float


@dataclass
class Shop:
    """The API, its database, and some customers who are signed in."""

    api: Server
    mongodb: Server
    database: MongoClient[Document]
    clients: list[Client]
    product_ids: list[Any]
    addresses: list[str]

    def kinds(self) -> dict[str, Ask]:
        """Each kind of request."""
        turns, products = itertools.cycle(self.clients), itertools.cycle(self.product_ids)
        addresses, tokens = itertools.cycle(self.addresses), asyncio.Queue[str]()

        async def refresh() -> int:
            token = await self._token(next(addresses)) if tokens.empty() else await tokens.get()
            answer, size = await _ask(self.clients[0], REFRESH, {"input": {"refreshToken": token}})
            await tokens.put(answer["tokenRefresh"]["refreshToken"])
            return size

        async def ask(query: str, variables: Callable[[], Document]) -> int:
            return (await _ask(next(turns), query, variables()))[1]

        return {
            "list of products": lambda: ask(LIST, lambda: {"sort": "CREATED_AT_DESC"}),
            "product": lambda: ask(PRODUCT, lambda: {"id": to_global_id("Product", next(products))}),
            "me and my orders": lambda: ask(ME, dict),
            "orderPlace": lambda: ask(PLACE, lambda: {"input": _order(next(products))}),
            "tokenRefresh": refresh,
            "userSignIn": lambda: ask(SIGN_IN, lambda: {"input": _credentials(next(addresses))}),
            "userSignUp": lambda: ask(SIGN_UP, lambda: {"input": _form()}),
        }

    async def _token(self, address: str) -> str:
        answer, _ = await _ask(self.clients[0], SIGN_IN, {"input": _credentials(address)})
        return str(answer["userSignIn"]["refreshToken"])

    async def cost(self, ask: Ask, seconds: float) -> Cost:
        """Of this kind of request, asked by some clients at once for so long."""
        await _load(ask, seconds / 4)  # warms up
        before, (count, size) = self._spent(), await _load(ask, seconds)
        api, mongodb, commands, received = (
            (now - then) / count for now, then in zip(self._spent(), before, strict=True)
        )
        return Cost(api * 1e6, mongodb * 1e6, commands, size / count, received)

    def _spent(self) -> tuple[float, float, int, int]:
        """So far: CPU of both, commands, and bytes that MongoDB sent."""
        status = self.database.admin.command("serverStatus")
        children = Path(f"/proc/{self.api.pid}/task/{self.api.pid}/children").read_text().split()
        api = sum(cpu_seconds(int(pid)) for pid in children)
        return api, cpu_seconds(self.mongodb.pid), status["network"]["numRequests"], status["network"]["bytesOut"]


async def _ask(client: Client, query: str, variables: Document) -> tuple[Document, int]:
    response = await client.post(query, variables)
    answer = response.json()
    if "errors" in answer or any(payload.get("userErrors") for payload in answer["data"].values()):
        raise RuntimeError(answer)
    return answer["data"], len(response.content) + sum(
        len(name) + len(value) + 4 for name, value in response.headers.raw
    )


async def _load(ask: Ask, seconds: float) -> tuple[int, int]:
    """How many were answered, and their bytes."""
    end = time.monotonic() + seconds

    async def visit() -> list[int]:
        sizes = []
        while time.monotonic() < end:
            sizes.append(await ask())
        return sizes

    sizes = list(itertools.chain(*await asyncio.gather(*(visit() for _ in range(CLIENTS)))))
    return len(sizes), sum(sizes)


def _order(product_id: Any) -> Document:  # noqa: ANN401  # an id of the driver's
    return {"items": [item(product_id)], "idempotencyKey": secrets.token_hex(16)}


def _credentials(address: str) -> Document:
    return {"email": address, "password": PASSWORD}


def _form() -> Document:
    return {"email": f"{secrets.token_hex(12)}@example.com", "password": "correct horse", "name": "Ada Lovelace"}
