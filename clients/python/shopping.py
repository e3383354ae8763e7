"""A customer of a live shop: `python -m clients.python.shopping http://127.0.0.1:8000`."""

import asyncio
import sys
import uuid
from decimal import Decimal

from clients.python.generated import (
    JobStatus,
    OrderItemInput,
    OrderPlaceInput,
    OrderStatus,
    Shop,
    UserSignInInput,
    UserSignUpInput,
)

_PASSWORD = "correct horse battery staple"  # noqa: S105  (an invented customer's)
_SECONDS = 60
"""How long a letter may take."""


class NotAsPromisedError(Exception):
    """What the server answered that a customer does not expect."""


def expect(answer: object, wanted: object, what: str) -> None:
    """That it is so.

    Raises:
        NotAsPromisedError: it is not.
    """
    if answer != wanted:
        raise NotAsPromisedError(f"{what}: {answer!r} in place of {wanted!r}")


async def opened(url: str) -> str:
    """The access token of a new account, whose welcome letter was waited for by asking."""
    email = f"ada-{uuid.uuid4().hex}@example.com"
    async with Shop(f"{url}/graphql") as shop:
        account = await shop.sign_up(UserSignUpInput(email=email, password=_PASSWORD, name="Ada Lovelace"))
        expect(account.user_sign_up.user_errors, [], "userSignUp")
        if account.user_sign_up.job:
            await sent(shop, account.user_sign_up.job.id)
        session = (await shop.sign_in(UserSignInInput(email=email, password=_PASSWORD))).user_sign_in
        expect(session.user and session.user.name, "Ada Lovelace", "userSignIn")
        return session.access_token or ""


async def sent(shop: Shop, job_id: str) -> None:
    """Ask again and again until the letter is sent."""
    async with asyncio.timeout(_SECONDS):
        while not (job := (await shop.job_by_id(job_id)).job) or not job.finished_at:  # noqa: ASYNC110  (of a server)
            await asyncio.sleep(0.1)
    expect(job.status, JobStatus.SUCCEEDED, "job")


async def pages(shop: Shop) -> list[tuple[str, Decimal]]:
    """Ids and prices of all lamps, the cheapest first, ten a page."""
    found: list[tuple[str, Decimal]] = []
    after: str | None = None
    while True:
        page = (await shop.products(search="lamp", first=10, after=after)).products
        found += [(edge.node.id, edge.node.price.amount) for edge in page.edges]
        if not page.page_info.has_next_page:
            expect(len(found), page.total_count, "totalCount")
            return found
        after = page.page_info.end_cursor


async def bought(shop: Shop, product_id: str, price: Decimal) -> tuple[str, str]:
    """The ids of an order of two pieces, and of the job of its letter."""
    items = [OrderItemInput(product_id=product_id, quantity=2)]
    placed = (await shop.place_order(OrderPlaceInput(items=items, idempotency_key=uuid.uuid4().hex))).order_place
    expect(placed.user_errors, [], "orderPlace")
    if not placed.order or not placed.job:
        raise NotAsPromisedError(f"orderPlace: {placed!r}")
    expect(placed.order.total.amount, price * 2, "total")
    return placed.order.id, placed.job.id


async def watched(shop: Shop, job_id: str) -> list[JobStatus]:
    """What the subscription told until the job was over."""
    statuses = [event.job_updated.status async for event in shop.watch_job(job_id)]
    expect(statuses[-1], JobStatus.SUCCEEDED, "jobUpdated")
    return statuses


async def main(url: str) -> str:
    """What was done, in one line."""
    headers = {"Authorization": f"Bearer {await opened(url)}"}
    socket = f"{url.replace('http', 'ws', 1)}/graphql"
    async with Shop(f"{url}/graphql", headers, ws_url=socket, ws_connection_init_payload=headers) as shop:
        lamps = await pages(shop)
        order_id, job_id = await bought(shop, *lamps[0])
        events = await watched(shop, job_id)
        orders = (await shop.my_orders()).me
        expect([order.id for order in orders.orders.nodes] if orders else [], [order_id], "me { orders }")
        async for event in shop.watch_order(order_id):
            expect(event.order_updated.status, OrderStatus.PENDING, "orderUpdated")
            break
    return f"{len(lamps)} lamps by pages, an order, its letter sent after {len(events)} events"


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(asyncio.wait_for(main(sys.argv[1]), 2 * _SECONDS)) + "\n")
