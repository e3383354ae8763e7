"""The steps of a walk through a deployment."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from tests.support.application import SIGN_IN, SIGN_UP, Client
from tests.support.sockets import socket

_FIRST = "{ products(first: 1, where: {inStock: true}) { nodes { id name } } }"
_PLACE = "mutation($i: OrderPlaceInput!) { orderPlace(input: $i) { order { id number } userErrors { message } } }"
_CANCEL = "mutation($i: OrderCancelInput!) { orderCancel(input: $i) { order { status } userErrors { message } } }"
_LETTER_SECONDS = 100
"""How long a letter may take from one attempt to the next: a mail server may be slow, or greylist."""

_OUT = "mutation { userSignOut { userErrors { message } } }"


class Failure(Exception):  # noqa: N818  (what a smoke test finds is no error of its own)
    """A step that did not do what users expect."""


@dataclass
class Visit:
    """One visitor, and what they have got so far."""

    http: httpx.AsyncClient
    url: str
    email: str
    password: str
    token: str | None = None
    job_id: str = ""
    order_id: str = ""

    async def payload(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The payload of an operation with one field."""
        response = await Client(self.http, self.token).post(query, variables)
        try:
            answer = response.json()
        except ValueError:
            raise Failure(f"the answer is no JSON: {response.status_code} {response.text[:200]}") from None
        if "errors" in answer:
            raise Failure(str(answer["errors"]))
        (payload,) = answer["data"].values()
        if payload.get("userErrors"):
            raise Failure(str(payload["userErrors"]))
        return dict(payload)


async def _be_ready(visit: Visit) -> str:
    for path in ("/live", "/ready"):
        answer = await visit.http.get(path)
        if answer.status_code != HTTPStatus.OK:
            raise Failure(f"{path} answers {answer.status_code}: {answer.text[:200]}")
    return answer.text[:80]


async def _keep_the_request_id(visit: Visit) -> str:
    given = f"smoke-{uuid.uuid4().hex[:12]}"
    answer = await visit.http.get("/live", headers={"X-Request-ID": given})
    if answer.headers.get("x-request-id") != given:
        raise Failure("X-Request-ID does not come back: does a proxy replace it?")
    return given


async def _sign_up(visit: Visit) -> str:
    form = {"email": visit.email, "password": visit.password, "name": "Smoke Test"}
    visit.job_id = (await visit.payload(SIGN_UP, {"input": form}))["job"]["id"]
    return visit.email


async def _watch_the_letter(visit: Visit) -> str:
    async with socket(visit.url) as watching:
        await watching.init()
        await watching.watch(visit.job_id)
        while (status := await watching.status(within=_LETTER_SECONDS)) in {"QUEUED", "RUNNING"}:
            pass
    if status != "SUCCEEDED":
        raise Failure(f"the job of the letter is {status}")
    return "sent"


async def _sign_in(visit: Visit) -> str:
    form = {"email": visit.email, "password": visit.password}
    visit.token = (await visit.payload(SIGN_IN, {"input": form}))["accessToken"]
    return "signed in"


async def _order(visit: Visit) -> str:
    products = (await visit.payload(_FIRST))["nodes"]
    if not products:
        return "nothing is in stock, so nothing was ordered"
    items = [{"productId": products[0]["id"], "quantity": 1}]
    order = (await visit.payload(_PLACE, {"i": {"items": items, "idempotencyKey": uuid.uuid4().hex}}))["order"]
    visit.order_id = order["id"]
    return f"{order['number']}: {products[0]['name']}"


async def _cancel(visit: Visit) -> str:
    if not visit.order_id:
        return "nothing to cancel"
    return str((await visit.payload(_CANCEL, {"i": {"id": visit.order_id}}))["order"]["status"])


async def _sign_out(visit: Visit) -> str:
    await visit.payload(_OUT)
    return "signed out"


Step = Callable[[Visit], Awaitable[str]]

STEPS: tuple[tuple[str, Step], ...] = (
    ("It lives and is ready", _be_ready),
    ("A request keeps its id", _keep_the_request_id),
    ("A new account", _sign_up),
    ("Its letter, watched over a WebSocket", _watch_the_letter),
    ("Signing in", _sign_in),
    ("An order", _order),
    ("The order cancelled", _cancel),
    ("Signing out", _sign_out),
)
