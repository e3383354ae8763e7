"""The indexes of the products: a big load does without them, and they are built at once afterwards."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, cast

from pymongo import IndexModel
from pymongo.collection import Collection

from schema.engine import Document
from schema.products.model import Product
from tests.support.seed.progress import Step

_GLANCE = 1.0


def drop_before(products: Collection[Document], count: int) -> None:
    """Forget them if most of so many products are still to be inserted."""
    if products.estimated_document_count() < count / 2:
        products.drop_indexes()


def build(products: Collection[Document], step: Step) -> None:
    """Build those that are missing, in one pass over the collection."""
    models = [cast("IndexModel", index) for index in Product.__indexes__()]
    with ThreadPoolExecutor(1) as thread:
        building = thread.submit(products.create_indexes, models)
        for done, total, what in _glances(products, building):
            step.at(done, total, what)
        step.at(len(building.result()), len(models))


def _glances(products: Collection[Document], building: Future[list[str]]) -> Iterator[tuple[int, int, str]]:
    """What MongoDB says of its progress, now and then until it is done."""
    match = {"command.createIndexes": products.name, "ns": products.full_name, "progress.total": {"$gt": 0}}
    pipeline: list[dict[str, Any]] = [{"$currentOp": {}}, {"$match": match}]
    while not wait([building], _GLANCE).done:
        for operation in products.database.client.admin.aggregate(pipeline):
            progress = operation["progress"]
            yield progress["done"], progress["total"], _phase(operation["msg"])


def _phase(message: str) -> str:
    """Of `Index Build: scanning collection Index Build: scanning collection: 10/20 50%` the word that tells."""
    return message.removeprefix("Index Build: ").split(" ")[0]
