"""Calls that are told apart, and done once each."""

from dataclasses import replace
from typing import Any

import pytest
from odmantic import ObjectId

from schema import indexes
from schema.access import Role, Viewer
from schema.context import Context
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import InvalidInput
from schema.idempotency.service import Call, Idempotency, IdempotentRequest, Repeated
from schema.jobs import service as jobs
from schema.jobs.model import Job
from tests.support.jobs import WELCOME, context

pytestmark = pytest.mark.anyio

OLD, NEW = "an old secret", "a new secret"
ADA = Viewer(ObjectId(), Role.USER, ObjectId())
CALL = Call("a key of the tests", "userSignUp", {"input": {"email": "ada@example.com", "age": None}})


async def _request(call: Call = CALL, viewer: Viewer | None = ADA, *secrets: str) -> IdempotentRequest:
    return await Idempotency.of(*(secrets or (OLD,))).request(viewer, call, lambda job: {"job": job})


async def _owe(owing: Context, request: IdempotentRequest) -> Document:
    async def work(transaction: Transaction) -> Document:
        return await jobs.owe(owing, transaction, WELCOME)

    owing.running.idempotent = request
    return await owing.in_transaction(work)


async def test_what_was_done_before_is_neither_done_nor_told_again(database: Database) -> None:
    await indexes.create(database)
    rung: list[ObjectId] = []
    owing = context(database, rung.append)
    job = await _owe(owing, await _request())
    with pytest.raises(Repeated) as repeated:
        await _owe(owing, await _request())
    assert repeated.value.result["job"]["_id"] == job["_id"]
    assert rung == [job["_id"]]
    assert await database.engine.count(Job) == 1


@pytest.mark.parametrize(
    "changes",
    [{"key": "another key of the tests"}, {"mutation": "passwordReset"}, {"place": "second"}],
    ids=["key", "mutation", "place"],
)
async def test_a_call_is_another_by(database: Database, changes: dict[str, Any]) -> None:
    await indexes.create(database)
    await _owe(context(database), await _request())
    await _owe(context(database), await _request(replace(CALL, **changes)))
    assert await database.engine.count(Job) == 2


async def test_what_is_null_counts_as_left_out(database: Database) -> None:
    await indexes.create(database)
    await _owe(context(database), await _request())
    with pytest.raises(Repeated):
        await _owe(context(database), await _request(replace(CALL, arguments={"input": {"email": "ada@example.com"}})))


@pytest.mark.parametrize("viewer", [ADA, None], ids=["a user", "nobody"])
async def test_what_was_recorded_is_found_after_a_change_of_the_secret(
    database: Database, viewer: Viewer | None
) -> None:
    await indexes.create(database)
    await _owe(context(database), await _request(CALL, viewer, OLD))
    with pytest.raises(Repeated):
        await _owe(context(database), await _request(CALL, viewer, NEW, OLD))


async def test_a_fault_says_where_the_key_stands(database: Database) -> None:
    await indexes.create(database)
    await _owe(context(database), await _request())
    with pytest.raises(InvalidInput) as refused:
        await _owe(context(database), await _request(replace(CALL, arguments={}, field=("idempotencyKey",))))
    assert [fault.field for fault in refused.value.faults] == [("idempotencyKey",)]
