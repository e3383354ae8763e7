"""The indexes of the products: a big load does without them, and they are built at once afterwards."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import cast

from pymongo import IndexModel
from pymongo.collection import Collection

from schema.engine import Document
from schema.products.model import Product
from tests.support.progress import Step

_GLANCE = 1.0


def drop_before(products: Collection[Document], count: int) -> None:
    """Forget them if most of so many products are still to be inserted."""
    if products.estimated_document_count() < count / 2:
        products.drop_indexes()


def build(products: Collection[Document], step: Step) -> None:
    """Build those that are missing side by side: MongoDB gives each a core, and memory of its own."""
    models = [cast("IndexModel", index) for index in Product.__indexes__()]
    with ThreadPoolExecutor(len(models)) as threads:
        building = [threads.submit(products.create_indexes, [model]) for model in models]
        for done, total, what in _glances(products, building):
            step.at(done, total, what)
        step.at(sum(len(built.result()) for built in building), len(models))


def _glances(products: Collection[Document], building: list[Future[list[str]]]) -> Iterator[tuple[int, int, str]]:
    """What MongoDB says of its progress, now and then until it is done."""
    match = {"command.createIndexes": products.name, "ns": products.full_name, "progress.total": {"$gt": 0}}
    pipeline: list[Document] = [{"$currentOp": {}}, {"$match": match}]
    while wait(building, _GLANCE).not_done:
        if operations := products.database.client.admin.aggregate(pipeline).to_list():
            yield _furthest_behind(operations)


def _furthest_behind(operations: Sequence[Document]) -> tuple[int, int, str]:
    """How far those are together that are in the first of the phases."""
    scanning = [operation for operation in operations if _phase(operation["msg"]) == "scanning"]
    counted = scanning or operations
    done = sum(operation["progress"]["done"] for operation in counted)
    return done, sum(operation["progress"]["total"] for operation in counted), _phase(counted[0]["msg"])


def _phase(message: str) -> str:
    """Of `Index Build: scanning collection Index Build: scanning collection: 10/20 50%` the word that tells."""
    return message.removeprefix("Index Build: ").split(" ")[0]
