"""As many documents of each collection as one likes, as the product keeps them."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain, islice

from odmantic import Model, ObjectId
from pymongo.database import Database

from schema.categories.model import Category
from schema.confirmations.model import Confirmation, Purpose
from schema.engine import Document
from schema.files.model import File
from schema.idempotency.model import IdempotencyRecord
from schema.jobs.messages import OrderConfirmationEmail
from schema.jobs.model import Attempt, Job, JobStatus
from schema.jobs.payloads import storable
from schema.orders.model import Order
from schema.products.model import Product
from schema.sessions.model import RefreshToken, Session
from schema.times import utc_now
from schema.users.model import User
from tests.support.jobs import ORDERED
from tests.support.seed import catalogue, images, orders, people
from tests.support.seed.plan import Plan
from tests.support.seed.products import Assortment

_BATCH = 1_000
_AGE = timedelta(days=91)


def fill(database: Database[Document], count: int) -> None:
    """Insert so many of each."""
    plan = Plan(products=count, users=count, orders=count)
    pictures = images.identify(plan)
    assortment = Assortment(plan, pictures)
    _insert(database, Category, catalogue.documents(plan))
    _insert(database, File, (_picture(picture_id) for picture_id in chain(*pictures)))
    _insert(database, User, people.documents(plan))
    _insert(database, Product, (assortment.document(number) for number in range(count)))
    _insert(database, Order, (order | _named() for order in orders.documents(plan)))
    users = [people.identify(plan, number) for number in range(count)]
    for model, make in _OTHERS.items():
        _insert(database, model, (_kept(make(user_id)) for user_id in users))


def owe(database: Database[Document], count: int) -> None:
    """Letters that are due."""
    messages = (ORDERED.model_copy(update={"to": f"user{number}@example.com"}) for number in range(count))
    _insert(database, Job, (_owed(message).model_dump_doc() for message in messages))


def _owed(message: OrderConfirmationEmail) -> Job:
    return Job(kind=message.kind.value, payload=storable(message), recipient=message.to, request_id="benchmark")


def _insert(database: Database[Document], model: type[Model], documents: Iterable[Document]) -> None:
    rest = iter(documents)
    while batch := list(islice(rest, _BATCH)):
        database[model.__collection__].insert_many(batch, ordered=False)


def _kept(row: Model) -> Document:
    """What is over has nothing due, which a new row cannot say."""
    return {key: value for key, value in row.model_dump_doc().items() if key != "due"}


def _named() -> Document:
    return {"idempotency_key": secrets.token_hex(16), "request_digest": _hash(), "job_id": ObjectId()}


def _hash() -> str:
    return hashlib.sha256(secrets.token_bytes(8)).hexdigest()


def _session(user_id: ObjectId) -> Session:
    device = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    return Session(user_id=user_id, device=device, ip="203.0.113.77")


def _refresh_token(user_id: ObjectId) -> RefreshToken:
    return RefreshToken(id=_hash(), session_id=ObjectId(), user_id=user_id, parent=_hash(), used_at=utc_now(), uses=1)


def _confirmation(user_id: ObjectId) -> Confirmation:
    expires_at = utc_now() + timedelta(days=2)
    return Confirmation(id=_hash(), user_id=user_id, purpose=Purpose.EMAIL_VERIFY, expires_at=expires_at)


def _record(_: ObjectId) -> IdempotencyRecord:
    return IdempotencyRecord(id=_hash(), request_digest=_hash(), result={"job": storable(ORDERED)})


def _picture(picture_id: ObjectId) -> Document:
    return File(
        id=picture_id, name="lamp.jpg", content_type="image/jpeg", size=1, sha256=_hash(), key=f"files/{picture_id}"
    ).model_dump_doc()


def _file(user_id: ObjectId) -> File:
    file_id = ObjectId()
    key = f"files/{file_id}"
    return File(id=file_id, owner_id=user_id, name="cat.png", content_type="image/png", size=1, sha256=_hash(), key=key)


def _job(user_id: ObjectId) -> Job:
    """A letter that was sent, a while ago."""
    then = utc_now() - _AGE
    message: OrderConfirmationEmail = ORDERED.model_copy(update={"to": f"{user_id}@example.com"})
    attempt = Attempt(number=1, worker="worker-1:4711:abcdef", started_at=then, finished_at=then)
    return Job(
        kind=message.kind.value,
        payload=storable(message),
        recipient=message.to,
        request_id=secrets.token_hex(16),
        owner_id=user_id,
        status=JobStatus.SUCCEEDED,
        attempts=[attempt],
        attempt_count=1,
        counted=1,
        created_at=then,
        finished_at=then,
    )


_OTHERS: Mapping[type[Model], Callable[[ObjectId], Model]] = {
    Session: _session,
    RefreshToken: _refresh_token,
    Confirmation: _confirmation,
    IdempotencyRecord: _record,
    File: _file,
    Job: _job,
}


def collections() -> Iterator[str]:
    """Those that were filled."""
    models: tuple[type[Model], ...] = (User, Product, Order, *_OTHERS)
    yield from (model.__collection__ for model in models)
