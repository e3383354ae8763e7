"""What a transaction has written to is told once it is committed, before its caller knows of it."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from odmantic import ObjectId

from schema.categories.model import Category
from schema.database import Database, Transaction
from schema.products.model import Product
from tests.support.catalog import category_document, product_document

pytestmark = pytest.mark.anyio


class Told:
    """What was told, and how many categories there were to be read then."""

    def __init__(self, database: Database) -> None:
        self.collections: list[set[str]] = []
        self.categories: list[int] = []
        self.database = replace(database, wrote=self._wrote)

    async def _wrote(self, collections: Collection[str]) -> None:
        self.collections.append(set(collections))
        self.categories.append(await self.database.collection(Category).count_documents({}))


async def test_each_way_to_write_is_told_after_the_commit(database: Database) -> None:
    told = Told(database)

    async def work(transaction: Transaction) -> None:
        session = transaction.session
        await transaction.database.collection(Category).insert_one(category_document(), session=session)
        products = transaction.database.collection(Product)
        assert await products.find_one({}, session=session) is None

    await told.database.in_transaction(work)
    assert told.collections == [{"categories"}]
    assert told.categories == [1]

    async def update(transaction: Transaction) -> None:
        await transaction.database.collection(Product).update_one({}, {"$set": {"x": 1}}, session=transaction.session)

    async def find_and_update(transaction: Transaction) -> None:
        products = transaction.database.collection(Product)
        await products.find_one_and_update({}, {"$set": {"x": 1}}, session=transaction.session)

    async def delete(transaction: Transaction) -> None:
        await transaction.database.collection(Product).delete_many({}, session=transaction.session)

    async def insert(transaction: Transaction) -> None:
        await transaction.database.collection(Product).insert_many([product_document()], session=transaction.session)

    async def save(transaction: Transaction) -> None:
        await transaction.save(Category(name="Chairs", slug=str(ObjectId())))

    for each in (update, find_and_update, delete, insert):
        await told.database.in_transaction(each)
        assert told.collections.pop() == {"products"}
    await told.database.in_transaction(save)
    assert told.collections == [{"categories"}, {"categories"}]
    assert told.categories[-1] == 2


async def test_nothing_is_told_of_what_was_only_read_nor_of_what_was_given_up(database: Database) -> None:
    told = Told(database)

    async def read(transaction: Transaction) -> None:
        await transaction.database.collection(Category).find_one({}, session=transaction.session)

    async def give_up(transaction: Transaction) -> None:
        collection = transaction.database.collection(Category)
        await collection.insert_one(category_document(), session=transaction.session)
        raise LookupError("given up")

    await told.database.in_transaction(read)
    with pytest.raises(LookupError):
        await told.database.in_transaction(give_up)
    assert told.collections == []
    assert await database.collection(Category).count_documents({}) == 0
