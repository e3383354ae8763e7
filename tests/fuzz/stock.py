"""What is in the shop that is fuzzed: the demo data, small, and what only a running shop has; some of it is broken."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from odmantic import ObjectId
from pymongo import MongoClient

from schema.access import Role, Viewer
from schema.categories.model import Category
from schema.jobs.messages import JobKind
from schema.jobs.model import Attempt, Job, JobStatus
from schema.orders.model import Order
from schema.products.model import Product
from schema.sessions.model import Session
from schema.system.model import Worker
from schema.times import utc_now
from settings.config import Settings
from tests.support.progress import Step
from tests.support.seed import people, shop
from tests.support.seed.plan import LAST, Plan

PLAN = Plan(products=60, users=12, orders=60, pictures=1)
ADMINISTRATOR = Viewer(people.identify(PLAN, 0), Role.ADMIN, ObjectId(b"administrato"))
CUSTOMER = Viewer(people.identify(PLAN, 1), Role.USER, ObjectId(b"the customer"))

_FAR = timedelta(days=365)
_SESSIONS = 4
_UNKNOWN = "A_KIND_TO_COME"

Documents = list[dict[str, Any]]


def add(settings: Settings) -> None:
    """Add it all to an empty database."""
    shop.add(settings, PLAN, _silent)
    with MongoClient[dict[str, Any]](settings.db_url, tz_aware=True) as client:
        database = client.get_default_database()
        database[Session.__collection__].insert_many(_sessions())
        database[Job.__collection__].insert_many(_jobs())
        database[Worker.__collection__].insert_many(_workers())
        _break_some(database)


def digest(settings: Settings) -> str:
    """Another one after any write."""
    with MongoClient[dict[str, Any]](settings.db_url) as client:
        return str(client.get_default_database().command("dbHash")["md5"])


class _Nothing:
    def at(self, done: int, total: int, what: str = "") -> None:
        """Say nothing of it."""


@contextmanager
def _silent(_: str) -> Iterator[Step]:
    yield _Nothing()


def _break_some(database: Any) -> None:  # noqa: ANN401  (whatever a database holds)
    """A product and an order lack what may not be null, as nothing that the product writes ever does."""
    oldest = {"$unset": {"name": ""}, "$set": {"category_id": ObjectId(b"no such one.")}}
    for model in (Product, Order):
        first = database[model.__collection__].find_one({}, {"_id": 1}, sort={"_id": 1})
        database[model.__collection__].update_one(first, oldest | {"$unset": {"total": "", "description": ""}})
    leaf = database[Category.__collection__].find_one({"parent_id": {"$ne": None}}, {"_id": 1}, sort={"_id": 1})
    database[Category.__collection__].update_one(leaf, {"$unset": {"created_at": ""}})


def _sessions() -> Documents:
    return [_session(viewer, number) for viewer in (ADMINISTRATOR, CUSTOMER) for number in range(_SESSIONS)]


def _session(viewer: Viewer, number: int) -> dict[str, Any]:
    at = LAST - timedelta(days=number)
    session = Session(
        id=viewer.session_id if number == 0 else PLAN.identify(f"session of {viewer.id}", number, at),
        user_id=viewer.id,
        device=f"Device {number}",
        ip="127.0.0.1",
        created_at=at,
        last_used_at=at,
        ended_at=at if number % 2 else None,
    )
    return dict(session.model_dump_doc())


def _jobs() -> Documents:
    """Some of each kind and status, owed to each of both, and to somebody who had no account."""
    owners = (ADMINISTRATOR.id, CUSTOMER.id, None)
    each = product((*JobKind, _UNKNOWN), JobStatus)
    return [_job(str(kind), status, owners[number % 3], number) for number, (kind, status) in enumerate(each)]


def _job(kind: str, status: JobStatus, owner: ObjectId | None, number: int) -> dict[str, Any]:
    at = LAST - timedelta(minutes=number)
    job = Job(
        id=PLAN.identify("job", number, at),
        kind=kind,
        payload={},
        recipient=people.CUSTOMER,
        request_id=f"request-{number}",
        owner_id=owner,
        watchable=owner is None,
        status=status,
        due=utc_now() + _FAR,
        progress={"done": number, "total": 100, "word": "lines"} if number % 4 == 0 else None,
        attempts=[_attempt(each, at) for each in range(number % 3)],
        created_at=at,
    )
    return dict(job.model_dump_doc())


def _attempt(number: int, at: datetime) -> Attempt:
    return Attempt(number=number + 1, worker="worker-1", started_at=at, error="SMTP_UNREACHABLE", detail="Refused.")


def _workers() -> Documents:
    """They live on, for a year."""
    seen = {"host": "shop", "started_at": LAST, "last_seen": utc_now() + _FAR, "running": 1, "concurrency": 10}
    return [dict(Worker(id=f"worker-{number}", **seen).model_dump_doc()) for number in range(2)]  # type: ignore[arg-type]  # of several types
