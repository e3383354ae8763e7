"""What may be found in a database that has seen much: written past the API, as it is kept."""

from typing import Any

from odmantic import ObjectId
from pymongo.database import Database

from schema.jobs.model import Attempt, Job, JobStatus
from schema.jobs.payloads import storable
from schema.money.model import Money
from schema.orders.model import Order, OrderLine, OrderStatus, OrderStep
from schema.system.model import Worker
from schema.times import utc_now
from tests.support.catalog import Document, category_document, product_document
from tests.support.jobs import WELCOME

Kept = Database[Document]

HTML = '<img src=x onerror="document.title=1"><script>alert(1)</script>'
MANY, BATCH = 100_000, 10_000


def _attempt(**changes: Any) -> Attempt:  # noqa: ANN401  (any field)
    now = utc_now()
    fields: dict[str, Any] = {
        "number": 1,
        "worker": "worker-1",
        "started_at": now,
        "finished_at": now,
        "error": "SMTP_REFUSED",
    }
    return Attempt(**(fields | changes))


def failed(request_id: str, recipient: str = "ada@example.com", **changes: Any) -> Document:  # noqa: ANN401  (any)
    """A job that failed at its one attempt, with these changes to that, as it is kept."""
    job = Job(
        kind=WELCOME.kind.value,
        payload=storable(WELCOME),
        recipient=recipient,
        request_id=request_id,
        status=JobStatus.FAILED,
        attempts=[_attempt(**changes)],
        finished_at=utc_now(),
    )
    return {name: value for name, value in job.model_dump_doc().items() if name != "due"}


def insert_many(kept: Kept) -> None:
    """MANY jobs, the last one the newest; each thousandth was cancelled, the others failed."""
    job = failed("request")
    for start in range(0, MANY, BATCH):
        kept["jobs"].insert_many([_numbered(job, start + offset) for offset in range(BATCH)])


def _numbered(job: Document, place: int) -> Document:
    status = "FAILED" if place % 1_000 else "CANCELLED"
    own = {"_id": ObjectId(), "request_id": number(place), "created_at": utc_now(), "status": status}
    return job | own


def number(place: int) -> str:
    """The id of the request that owed the job of this place among the many."""
    return f"request-{place:06}"


def insert_html(kept: Kept) -> Document:
    """HTML wherever names and texts are kept; the job of those is answered."""
    place, now = category_document(f"Lighting {HTML}"), utc_now()
    kept["users"].update_one({}, {"$set": {"name": f"Grace {HTML}"}})
    worker = Worker(id=HTML, host=HTML, started_at=now, last_seen=now, running=0, concurrency=1)
    job = failed(HTML, recipient=HTML, worker=HTML, error=HTML, detail=HTML)
    job["progress"] = {"done": 1, "total": 2, "word": HTML}
    kept["categories"].insert_one(place)
    kept["products"].insert_one(product_document((place["_id"],), name=f"Lamp {HTML}"))
    insert_order(kept, f"Lamp {HTML}", number="1-HTML")
    kept["workers"].insert_one(worker.model_dump_doc())
    kept["jobs"].insert_one(job)
    return job


def insert_order(kept: Kept, name: str = "Lamp", **changes: Any) -> Document:  # noqa: ANN401  (any field)
    """The first user's, of one piece, with these changes; answered as it is kept."""
    user, price = kept["users"].find_one() or {}, Money(amount=1999, currency_code="EUR")
    line = OrderLine(product_id=ObjectId(), name=name, quantity=1, price=price, total=price)
    steps = [OrderStep(status=OrderStatus.PENDING, at=utc_now())]
    order = Order(user_id=user["_id"], lines=[line], total=price, history=steps, **changes).model_dump_doc()
    kept["orders"].insert_one(order)
    return order
