"""The demo shop as a whole: into an empty database once, completed when it was interrupted."""

import asyncio
from enum import Enum, auto

from pymongo.database import Database

from schema import indexes
from schema.categories.model import Category
from schema.database import DEFAULT_DATABASE, connect
from schema.engine import Document
from schema.files.model import File
from schema.orders.model import Order
from schema.products.model import Product
from schema.users.model import User
from settings.config import Settings
from tests.support.progress import Steps
from tests.support.seed import catalogue, images, indexing, loading, marker, orders, people, writing
from tests.support.seed.plan import Plan


class State(Enum):
    """What is there before a seed."""

    NOTHING = auto()
    A_PART = auto()
    EVERYTHING = auto()
    PRODUCTS_OF_OTHERS = auto()


def survey(db_url: str, wanted: Plan) -> tuple[State, Plan]:
    """What is there, and the plan to follow: an interrupted seed is completed as it was begun."""
    with writing.connect(db_url) as client:
        database = client.get_default_database(DEFAULT_DATABASE)
        if begun := marker.begun(database):
            return State.EVERYTHING if marker.is_finished(database) else State.A_PART, begun
        has_products = database[Product.__collection__].find_one({}, {"_id": 1})
        return State.PRODUCTS_OF_OTHERS if has_products else State.NOTHING, wanted


def add(settings: Settings, plan: Plan, steps: Steps, many: int = 20_000) -> None:
    """Add what is missing of the plan. With so `many` products it pays to start processes and to build indexes last.

    Raises:
        SeedError: what is there before needs the same slugs or addresses.
    """
    asyncio.run(_prepare(settings.db_url))
    with writing.connect(settings.db_url) as client:
        database = client.get_default_database(DEFAULT_DATABASE)
        marker.begin(database, plan)
        _add_people_and_categories(database, plan, steps)
        with steps("Pictures") as step:
            images.add(database[File.__collection__], settings.storage_url, plan, step)
        _add_products(settings.db_url, database, plan, steps, are_many=plan.products >= many)
        with steps("Orders") as step:
            writing.insert_all(database[Order.__collection__], orders.documents(plan), step)
        marker.finish(database)


def _add_products(db_url: str, database: Database[Document], plan: Plan, steps: Steps, *, are_many: bool) -> None:
    products = database[Product.__collection__]
    if are_many:
        indexing.drop_before(products, plan.products)
    with steps("Products") as step:
        loading.load(db_url, plan, step, are_many=are_many)
    with steps("Indexes (minutes)" if are_many else "Indexes") as step:
        indexing.build(products, step)


def _add_people_and_categories(database: Database[Document], plan: Plan, steps: Steps) -> None:
    with steps("People") as step:
        writing.insert_all(database[User.__collection__], people.documents(plan), step)
    with steps("Categories") as step:
        writing.insert_all(database[Category.__collection__], catalogue.documents(plan), step)


async def _prepare(db_url: str) -> None:
    """Create the indexes of all but the products, which keep a slug or an address from being taken twice."""
    database = await connect(db_url, app_name="postberry-seed")
    try:
        for model in indexes.MODELS:
            if model is not Product:
                await database.engine.configure_database([model])
    finally:
        await database.close()
