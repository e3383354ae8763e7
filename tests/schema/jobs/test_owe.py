import asyncio
from datetime import timedelta

import pytest
from odmantic import ObjectId

from schema import indexes
from schema.database import Database, Transaction
from schema.engine import Document
from schema.jobs import service
from schema.jobs.model import Job
from schema.jobs.payloads import MessageTooLargeError
from schema.times import utc_now
from tests.support.jobs import ORDERED, WELCOME, context, row

pytestmark = pytest.mark.anyio

OWNER = ObjectId()


async def _owe_once(database: Database) -> ObjectId:
    async def work(transaction: Transaction) -> Document:
        return await service.owe(context(database), transaction, WELCOME, dedupe_key="only once")

    return ObjectId((await database.in_transaction(work))["_id"])


async def test_what_is_owed_with_the_same_key_is_owed_once(database: Database) -> None:
    await indexes.create(database)
    ids = await asyncio.gather(*(_owe_once(database) for _ in range(10)))
    assert len(set(ids)) == 1
    assert await _owe_once(database) == ids[0]
    assert await database.collection(Job).count_documents({}) == 1


async def test_a_job_may_be_owed_for_later(database: Database) -> None:
    due = utc_now().replace(microsecond=0) + timedelta(hours=1)

    async def work(transaction: Transaction) -> Document:
        return await service.owe(context(database), transaction, WELCOME, due=due)

    job = await database.in_transaction(work)
    assert (await row(database, job["_id"]))["due"] == due
    assert await service.claim(database, "worker-1") is None


async def test_a_message_too_large_is_refused_and_nothing_of_its_transaction_stays(database: Database) -> None:
    async def work(transaction: Transaction) -> Document:
        await service.owe(context(database), transaction, WELCOME)
        return await service.owe(context(database), transaction, WELCOME.model_copy(update={"name": "x" * 30_000_000}))

    with pytest.raises(MessageTooLargeError):
        await database.in_transaction(work)
    assert await database.collection(Job).count_documents({}) == 0


async def test_what_a_job_owes_is_of_its_request_and_nobody_watches_it_by_the_id(database: Database) -> None:
    async def work(transaction: Transaction) -> int:
        return await service.owe_many_once(transaction, "request-7", {"one": WELCOME, "two": ORDERED}, OWNER)

    assert await database.in_transaction(work) == 2
    jobs = await database.collection(Job).find({}, sort=[("kind", 1)]).to_list()
    assert [job["kind"] for job in jobs] == ["ORDER_CONFIRMATION_EMAIL", "SIGN_UP_EMAIL"]
    assert {(job["request_id"], job["owner_id"], job["watchable"]) for job in jobs} == {("request-7", OWNER, False)}
