"""Jobs for the tests: owed as the product owes them, and moved in time without waiting."""

import tempfile
from collections.abc import Callable
from datetime import timedelta

from odmantic import ObjectId

from schema.changes import Changes
from schema.context import Context
from schema.cursors import Cursors
from schema.database import Database, Transaction
from schema.engine import Document
from schema.idempotency.service import Idempotency
from schema.jobs import service
from schema.jobs.messages import (
    AnnouncementEmail,
    Email,
    OrderConfirmationEmail,
    OrderedLine,
    OrderStatusEmail,
    PasswordChangedEmail,
    PasswordResetEmail,
    ReportReadyEmail,
    SignUpEmail,
)
from schema.jobs.model import Job
from schema.loaders import Loaders
from schema.locks import Locks
from schema.passwords import PasswordHasher
from schema.signatures import SignedUrls
from schema.storage import Storage
from schema.throttle import Throttle
from schema.times import utc_now
from schema.tokens import AccessTokens
from tests.support.waiting import eventually

URLS = SignedUrls("http://testserver", (b"a key of the tests, for files...",))
WELCOME = SignUpEmail(to="ada@example.com", name="Ada", user_id="6b029146e2d29efd1090a1b9", already_registered=False)
ORDERED = OrderConfirmationEmail(
    to="ada@example.com",
    name="Ada",
    number="7K3QX-0M9ZD",
    lines=(OrderedLine(name="Lamp", quantity=2, price="€19.99", total="€39.98"),),
    total="€39.98",
)
ANNOUNCED = AnnouncementEmail(
    to="ada@example.com",
    name="Ada",
    user_id="6b029146e2d29efd1090a1b9",
    announcement_id="6b029146e2d29efd1090a1ba",
)
SAMPLES: tuple[Email, ...] = (
    WELCOME,
    WELCOME.model_copy(update={"already_registered": True}),
    PasswordResetEmail(to="ada@example.com"),
    PasswordChangedEmail(to="ada@example.com", name="Ada"),
    ORDERED,
    *(
        OrderStatusEmail(to="ada@example.com", name="Ada", number="7K3QX-0M9ZD", status=status, total="€39.98")
        for status in ("PAID", "SHIPPED", "CANCELLED")
    ),
    ReportReadyEmail(
        to="ada@example.com",
        name="Ada",
        file_id="6b029146e2d29efd1090a1b9",
        first_day="2026-07-01",
        last_day="2026-07-31",
        lines=1_234,
    ),
    ANNOUNCED,
)
"""A message for each folder of templates."""
FACTS = {
    "name": "Ada",
    "token": "a-token",
    "link": "https://shop.example.com/page?token=a-token",
    "subject": "We move",
    "body": "From Monday on we are elsewhere.\n\nYours,\nPostberry",
    "unsubscribe_url": "https://shop.example.com/unsubscribe/1?signature=s",
}
"""What is found out for a letter when it is written."""


def context(
    database: Database, ring: Callable[[ObjectId], None] = lambda _: None, request_id: str = "request-1"
) -> Context:
    """What a request would work with."""
    tokens = AccessTokens("a secret of the tests, 32 characters or more")
    cursors, throttle = Cursors(b"a key of the tests, for cursors."), Throttle("redis://127.0.0.1:1")
    return Context(
        database=database,
        loaders=Loaders(database),
        ring=ring,
        passwords=PasswordHasher(),
        tokens=tokens,
        throttle=throttle,
        cursors=cursors,
        changes=Changes(database, []),
        locks=Locks(),
        idempotency=Idempotency.of("a secret of the tests, 32 characters or more"),
        storage=Storage(f"file://{tempfile.gettempdir()}"),
        signed_urls=URLS,
        upload_max_bytes=1_000,
        request_id=request_id,
    )


async def owe(
    database: Database, message: Email = WELCOME, ring: Callable[[ObjectId], None] = lambda _: None
) -> ObjectId:
    """The id of a job committed by a transaction of its own."""

    async def work(transaction: Transaction) -> Document:
        return await service.owe(context(database, ring), transaction, message)

    return ObjectId((await database.in_transaction(work))["_id"])


async def row(database: Database, job_id: ObjectId) -> Document:
    """All of a job's row."""
    found = await database.collection(Job).find_one({"_id": job_id})
    assert found is not None
    return found


async def set_due(database: Database, job_id: ObjectId, seconds: float = -1) -> None:
    """Have the job due so many seconds from now: at -1 the lease of one that runs has ended."""
    due = {"due": utc_now() + timedelta(seconds=seconds)}
    await database.collection(Job).update_one({"_id": job_id}, {"$set": due})


async def reached(database: Database, job_id: ObjectId, status: str, deadline: float = 10) -> Document:
    """The job's row, once it stands there."""

    async def stands() -> bool:
        return bool((await row(database, job_id))["status"] == status)

    await eventually(stands, f"A job that is {status}", deadline)
    return await row(database, job_id)
