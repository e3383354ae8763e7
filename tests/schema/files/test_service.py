"""Files as other slices use them."""

import pytest
from odmantic import ObjectId

from schema import indexes
from schema.access import Role, Viewer
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import InvalidInput, UserErrorCode
from schema.files import service
from schema.files.model import File
from schema.times import utc_now

pytestmark = pytest.mark.anyio


ADA = Viewer(ObjectId(), Role.USER, ObjectId())
EVE = Viewer(ObjectId(), Role.USER, ObjectId())


async def _keep(database: Database) -> ObjectId:
    file = File(owner_id=ADA.id, name="a.png", content_type="image/png", size=1, sha256="0" * 64, key="files/a")
    await database.engine.save(file)
    return file.id


async def _attach(database: Database, file_id: ObjectId, viewer: Viewer = ADA, *, then_fail: bool = False) -> Document:
    async def work(transaction: Transaction) -> Document:
        file = await service.attach(transaction, file_id, viewer)
        if then_fail:
            raise ZeroDivisionError
        return file

    return await database.in_transaction(work)


async def test_a_file_is_attached_with_the_transaction_that_needs_it(database: Database) -> None:
    file_id = await _keep(database)
    with pytest.raises(ZeroDivisionError):
        await _attach(database, file_id, then_fail=True)
    assert (await service.find(database, file_id) or {})["attached_at"] is None
    before = utc_now()
    attached = await _attach(database, file_id)
    assert (attached["attached_at"] - before).total_seconds() > -1
    assert await service.find(database, file_id) == attached


async def test_a_file_that_is_not_there_or_not_the_viewers_cannot_be_attached(database: Database) -> None:
    file_id = await _keep(database)
    for wanted, viewer in ((ObjectId(), ADA), (file_id, EVE)):
        with pytest.raises(InvalidInput) as refusal:
            await _attach(database, wanted, viewer)
        faults = [(fault.field, fault.code) for fault in refusal.value.faults]
        assert faults == [(("fileId",), UserErrorCode.NOT_FOUND)]
    assert await database.collection(File).count_documents({"attached_at": {"$ne": None}}) == 0


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"owner_id": ObjectId()}, "owner_newest"),
        ({"attached_at": None, "created_at": {"$lt": utc_now()}}, "unattached"),
        ({"content_type": "text/csv", "created_at": {"$lt": utc_now()}}, "reports"),
    ],
)
async def test_what_will_be_asked_is_served_by_an_index(database: Database, where: Document, index: str) -> None:
    await indexes.create(database)
    await _keep(database)
    plan = await database.collection(File).find(where).explain()
    assert plan["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == index
