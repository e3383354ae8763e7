from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pymongo import MongoClient

from schema.engine import Document
from settings.config import Settings
from tests.support.progress import Step, Steps, lines
from tests.support.seed import shop
from tests.support.seed.plan import Plan
from tests.support.seed.shop import State
from tests.support.seed.writing import SeedError

PLAN = Plan(seed=5, products=60, users=10, orders=30, pictures=1)


class Contents:
    """What a database and its storage hold."""

    def __init__(self, settings: Settings) -> None:
        with MongoClient[Document](settings.db_url, tz_aware=True) as client:
            database = client.get_default_database()
            names = sorted(set(database.list_collection_names()) - {"demo_data"})
            self.documents = {name: database[name].find().sort("_id").to_list() for name in names}
            self.indexes = set(database["products"].index_information())
        folder = Path(settings.storage_url.removeprefix("file://"))
        self.files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A second database and storage, as empty as the first."""
    url = settings.db_url.replace("/test_", "/test_2_")
    yield settings.model_copy(update={"db_url": url, "storage_url": f"file://{tmp_path / 'elsewhere'}"})
    with MongoClient[Document](url) as client:
        client.drop_database(client.get_default_database())


def interrupted_at(name: str) -> Steps:
    """Steps of which the one with this name is interrupted after some of it was written."""

    @contextmanager
    def begin(step: str) -> Iterator[Step]:
        yield Interruptible(is_interrupted=step == name)

    return begin


@dataclass(frozen=True)
class Interruptible:
    """A step that is quiet, or interrupted."""

    is_interrupted: bool

    def at(self, done: int, total: int, what: str = "") -> None:  # noqa: ARG002  # the shape of a step
        """Somebody may press Ctrl-C at this moment."""
        if done and self.is_interrupted:
            raise KeyboardInterrupt


def test_two_empty_databases_get_the_same_shop(settings: Settings, elsewhere: Settings) -> None:
    shop.add(settings, PLAN, lines)
    shop.add(elsewhere, PLAN, lines)
    one, other = Contents(settings), Contents(elsewhere)
    assert one.documents == other.documents
    assert one.files == other.files
    assert {f"files/{document['_id']}" for document in one.documents["files"]} == {str(path) for path in one.files}
    assert len(one.documents["products"]) == 60
    assert len(one.documents["users"]) == 10
    assert len(one.documents["orders"]) == 30
    assert not one.documents["jobs"]


def test_many_products_are_added_by_processes_and_indexed_afterwards(settings: Settings, elsewhere: Settings) -> None:
    shop.add(settings, PLAN, lines)
    shop.add(elsewhere, PLAN, lines, many=1)
    assert Contents(elsewhere).documents == Contents(settings).documents
    assert Contents(elsewhere).indexes == {"_id_", "slug", "by_creation", "by_name", "by_price"}


@pytest.mark.parametrize("step", ["People", "Pictures", "Products", "Indexes", "Orders"])
def test_an_interrupted_seed_is_completed_by_the_next(settings: Settings, elsewhere: Settings, step: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        shop.add(settings, PLAN, interrupted_at(step))
    state, plan = shop.survey(settings.db_url, Plan(seed=6))
    assert (state, plan) == (State.A_PART, PLAN)
    shop.add(settings, plan, lines)
    shop.add(elsewhere, PLAN, lines)
    assert Contents(settings).documents == Contents(elsewhere).documents
    assert shop.survey(settings.db_url, Plan(seed=6)) == (State.EVERYTHING, PLAN)


def test_products_of_others_are_seen(settings: Settings) -> None:
    assert shop.survey(settings.db_url, PLAN) == (State.NOTHING, PLAN)
    with MongoClient[Document](settings.db_url) as client:
        client.get_default_database()["products"].insert_one({"slug": "mine"})
    assert shop.survey(settings.db_url, PLAN) == (State.PRODUCTS_OF_OTHERS, PLAN)


def test_an_address_that_is_taken_is_named_and_no_product_added(settings: Settings) -> None:
    with MongoClient[Document](settings.db_url) as client:
        client.get_default_database()["users"].insert_one({"email_key": "admin@example.com"})
    with pytest.raises(SeedError, match="email_key admin@example"):
        shop.add(settings, PLAN, lines)
    assert not Contents(settings).documents.get("products")
