"""The products, in batches; many of them by as many processes as there are cores."""

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context

from pymongo import MongoClient
from pymongo.collection import Collection

from schema.database import DEFAULT_DATABASE
from schema.engine import Document
from schema.products.model import Product
from tests.support.processes import die_with_parent
from tests.support.progress import Step
from tests.support.seed import images
from tests.support.seed.plan import Plan
from tests.support.seed.products import Assortment
from tests.support.seed.writing import connect, insert

_BATCH = 1_000


def load(db_url: str, plan: Plan, step: Step, *, are_many: bool) -> None:
    """Insert the products of the plan."""
    insert_batches = _by_processes if are_many else _by_ourselves
    batches = (range(start, min(start + _BATCH, plan.products)) for start in range(0, plan.products, _BATCH))
    done = 0
    step.at(done, plan.products)
    for count in insert_batches(db_url, plan, batches):
        done += count
        step.at(done, plan.products)


def _by_ourselves(db_url: str, plan: Plan, batches: Iterable[range]) -> Iterator[int]:
    with connect(db_url) as client:
        for numbers in batches:
            yield _write(_products_of(client), plan, numbers)


def _by_processes(db_url: str, plan: Plan, batches: Iterable[range]) -> Iterator[int]:
    context = get_context("spawn")  # a fork would inherit the locks of the driver's threads
    with ProcessPoolExecutor(os.cpu_count(), context, _follow_the_parent) as pool:
        try:
            for written in as_completed([pool.submit(_write_alone, db_url, plan, numbers) for numbers in batches]):
                yield written.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _follow_the_parent() -> None:
    """End when the parent does, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(signal.SIGKILL)


def _write_alone(db_url: str, plan: Plan, numbers: range) -> int:
    return _write(_collection(db_url), plan, numbers)


@cache
def _collection(db_url: str) -> Collection[Document]:
    """The one collection of this process, connected until it ends."""
    return _products_of(connect(db_url))


def _products_of(client: MongoClient[Document]) -> Collection[Document]:
    return client.get_default_database(DEFAULT_DATABASE)[Product.__collection__]


def _write(products: Collection[Document], plan: Plan, numbers: range) -> int:
    assortment = _assortment(plan)
    insert(products, [assortment.document(number) for number in numbers])
    return len(numbers)


@cache
def _assortment(plan: Plan) -> Assortment:
    return Assortment(plan, images.identify(plan))
