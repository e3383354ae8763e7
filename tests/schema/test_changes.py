"""The change feed: what changes in MongoDB is told to whoever waits for it."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from odmantic import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ConnectionFailure
from structlog.testing import capture_logs

from schema.changes import Changes, finished, patiently
from schema.database import Database, connect
from schema.engine import Document
from tests.schema.models import Author, Counter
from tests.support.processes import Server
from tests.support.servers import start_mongodb
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

STREAMS: list[Document] = [
    {"$currentOp": {"idleCursors": True, "allUsers": True}},
    {"$match": {"cursor.originatingCommand.pipeline.0.$changeStream": {"$exists": True}}},
]
HISTORY_LOST = {
    "configureFailPoint": "failCommand",
    "mode": {"times": 1},
    "data": {"failCommands": ["getMore"], "errorCode": 286, "appName": "tests"},
}
"""As when the place the stream would go on from has left MongoDB's oplog."""

_SECONDS = 30


States = AsyncGenerator[Document | None, None]


@asynccontextmanager
async def _changes(database: Database) -> AsyncIterator[Changes]:
    changes = Changes(database, [Counter])
    yield changes
    await changes.close()


@asynccontextmanager
async def _following(changes: Changes, database: Database, counter_id: ObjectId) -> AsyncIterator[States]:
    read = partial(database.collection(Counter).find_one, {"_id": counter_id})
    async with aclosing(changes.follow(Counter, counter_id, read)) as states:
        yield states


async def _value(states: States) -> Any:  # noqa: ANN401  # whatever a document holds
    async with asyncio.timeout(_SECONDS):
        state = await anext(states)
    return state and state["value"]


async def _counter(database: Database, value: int = 0) -> ObjectId:
    return ObjectId((await _counters(database).insert_one({"value": value})).inserted_id)


def _counters(database: Database) -> AsyncCollection[Document]:
    return database.collection(Counter)


async def _set(database: Database, counter_id: ObjectId, value: int) -> None:
    await _counters(database).update_one({"_id": counter_id}, {"$set": {"value": value}})


async def _streams(database: Database) -> list[Document]:
    """The change streams that are open on the test's database, as MongoDB knows them."""
    cursors = await database.client.admin.aggregate(STREAMS)
    return [one for one in await cursors.to_list() if one["ns"].startswith(f"{database.engine.database_name}.")]


async def test_a_document_is_followed_from_its_present_state_to_its_end(database: Database) -> None:
    counter_id = await _counter(database)
    async with _changes(database) as changes, _following(changes, database, counter_id) as states:
        assert await _value(states) == 0
        await _set(database, counter_id, 1)
        assert await _value(states) == 1
        await _counters(database).replace_one({"_id": counter_id}, {"value": 2})
        assert await _value(states) == 2
        await _counters(database).delete_one({"_id": counter_id})
        assert await _value(states) is None
        await _counters(database).insert_one({"_id": counter_id, "value": 3})
        assert await _value(states) == 3


async def test_changes_that_come_faster_than_they_are_read_are_one(database: Database) -> None:
    counter_id = await _counter(database)
    async with _changes(database) as changes, _following(changes, database, counter_id) as states:
        assert await _value(states) == 0
        for value in range(1, 51):
            await _set(database, counter_id, value)
        seen = [await _value(states)]
        while seen[-1] != 50:
            seen.append(await _value(states))
        assert seen == sorted(set(seen))


async def test_one_is_told_of_ones_own_document_alone(database: Database) -> None:
    mine, others = await _counter(database), await _counter(database)
    async with _changes(database) as changes:
        with changes.listen((Counter, mine)) as changed, changes.listen((Counter, others)) as told:
            await _wait(told)  # the stream is open
            changed.clear()
            told.clear()
            await database.collection(Author).insert_one({"_id": mine, "value": 1})
            await _set(database, others, 1)
            await _wait(told)
            assert not changed.is_set()


async def test_two_hundred_who_follow_share_one_stream(database: Database) -> None:
    ids = [await _counter(database) for _ in range(20)]
    async with _changes(database) as changes:
        following = [_following(changes, database, ids[number % 20]) for number in range(200)]
        states = [await one.__aenter__() for one in following]
        assert await asyncio.gather(*map(_value, states)) == [0] * 200
        await _counters(database).update_many({}, {"$set": {"value": 1}})
        assert await asyncio.gather(*map(_value, states)) == [1] * 200
        assert len(await _streams(database)) == 1
        for one in following:
            await one.__aexit__(None, None, None)
    await eventually(lambda: _has_no_streams(database), "The end of the stream", _SECONDS)


async def test_to_wait_for_what_is_not_watched_is_a_fault(database: Database) -> None:
    changes = Changes(database, [Counter])
    with pytest.raises(LookupError, match="author"), changes.listen((Author, ObjectId())):
        pytest.fail("nobody would ever tell of it")


async def test_without_listeners_there_is_no_stream(database: Database) -> None:
    async with _changes(database):
        await _counter(database)
        assert await _streams(database) == []


async def test_a_dropped_database_does_not_end_the_feed(database: Database) -> None:
    async with _changes(database) as changes:
        counter_id = await _counter(database)
        async with _following(changes, database, counter_id) as states:
            assert await _value(states) == 0
            await _set(database, counter_id, 1)
            assert await _value(states) == 1
            await database.client.drop_database(database.engine.database_name)
            assert await _value(states) is None
            await _counters(database).insert_one({"_id": counter_id, "value": 2})
            assert await _value(states) == 2


async def test_after_a_restart_of_mongodb_the_feed_goes_on_where_it_was(mongodb_server: Server, tmp_path: Path) -> None:
    async with _connected(mongodb_server.url) as database, _changes(database) as changes:
        counter_id, unread = await _counter(database), await _counter(database)
        with changes.listen((Counter, unread)) as changed, capture_logs() as logs:
            async with _following(changes, database, counter_id) as states:
                assert await _value(states) == 0
                await _wait(changed)  # the stream is open, so the next change has a place in it
                changed.clear()
                await _set(database, counter_id, 1)
                assert await _value(states) == 1
                mongodb_server.kill()
                await eventually(lambda: _has_logged(logs, "interrupted"), "A word of the outage", _SECONDS)
                with start_mongodb(tmp_path / "mongodb", urlsplit(mongodb_server.url).port or 0):
                    await _set(database, counter_id, 2)
                    assert await _value(states) == 2
                    await _set(database, counter_id, 3)
                    assert await _value(states) == 3
                    await changes.close()
                    await database.close()  # the driver leaks a socket when the server goes first
    assert not changed.is_set()  # it was resumed: only who is concerned was told
    assert [(line["event"], line.get("resumed")) for line in logs] == [
        ("change feed interrupted, trying again", None),
        ("change feed is back", True),
    ]


async def test_where_mongodb_no_longer_knows_the_place_everybody_looks_again(tmp_path: Path) -> None:
    with start_mongodb(tmp_path / "mongodb", options=["--setParameter", "enableTestCommands=1"]) as server:
        async with _connected(server.url) as database, _changes(database) as changes:
            with changes.listen((Counter, await _counter(database))) as changed, capture_logs() as logs:
                await _wait(changed)  # the stream is open
                changed.clear()
                await database.client.admin.command(HISTORY_LOST)
                await _wait(changed)
                await eventually(lambda: _has_logged(logs, "is back"), "A word of the end", _SECONDS)
                async with _following(changes, database, await _counter(database)) as states:
                    assert await _value(states) == 0
    assert [(line["event"], line.get("resumed")) for line in logs] == [
        ("change feed interrupted, trying again", None),
        ("change feed is back", False),
    ]


async def test_an_election_is_not_noticed(mongodb_server: Server) -> None:
    async with _connected(mongodb_server.url, 30_000) as database, _changes(database) as changes:
        counter_id = await _counter(database)
        async with _following(changes, database, counter_id) as states:
            assert await _value(states) == 0
            await database.client.admin.command("replSetStepDown", 1, force=True)
            await _set(database, counter_id, 1)
            assert await _value(states) == 1


async def test_a_frozen_mongodb_does_not_hold_the_end_up(mongodb_server: Server) -> None:
    async with _connected(mongodb_server.url) as database:
        changes = Changes(database, [Counter])
        counter_id = await _counter(database)
        async with _following(changes, database, counter_id) as states:
            assert await _value(states) == 0
        mongodb_server.process.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(_SECONDS / 3):
            await changes.close()
        mongodb_server.process.send_signal(signal.SIGCONT)


async def test_a_read_waits_for_a_mongodb_that_is_away(mongodb_server: Server, tmp_path: Path) -> None:
    async with _connected(mongodb_server.url, 200) as database:
        counter_id = await _counter(database)
        read = partial(_counters(database).find_one, {"_id": counter_id})
        mongodb_server.kill()
        with pytest.raises(ConnectionFailure):
            await read()
        reading = asyncio.create_task(patiently(read))
        with start_mongodb(tmp_path / "mongodb", urlsplit(mongodb_server.url).port or 0):
            assert await reading == {"_id": counter_id, "value": 0}
            await database.close()


async def test_a_read_is_finished_though_nobody_waits_for_it_any_more() -> None:
    begun, released, finish = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def read() -> None:
        begun.set()
        await released.wait()
        finish.set()

    reading = asyncio.create_task(finished(read()))
    await begun.wait()
    reading.cancel()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert finish.is_set()


@asynccontextmanager
async def _connected(url: str, patience: int = 1_000) -> AsyncIterator[Database]:
    database = await connect(f"{url}&serverSelectionTimeoutMS={patience}", app_name="tests")
    yield database
    await database.close()


async def _wait(changed: asyncio.Event) -> None:
    async with asyncio.timeout(_SECONDS):
        await changed.wait()


async def _has_no_streams(database: Database) -> bool:
    return await _streams(database) == []


async def _has_logged(logs: list[Any], word: str) -> bool:
    return any(word in str(line["event"]) for line in logs)
