"""Dumps and restores of whatever stands in a database, by the program that operators run."""

import asyncio
import json
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient

from schema import indexes
from schema.database import Database, Transaction
from schema.indexes import MODELS
from settings.config import Settings
from tests.support.application import Collections
from tests.support.backups import backup, succeed
from tests.support.processes import Server, free_port, spawn
from tests.support.programs import MONGOD, locate
from tests.support.servers import start_mongodb
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

UNREADABLE = bson.encode({"_id": 2, "at": bson.DatetimeMS(2**62), "text": "x"}).replace(b"x\x00", b"\xff\x00")
"""A time after the year 9999, and text that is no UTF-8."""


FORBIDDEN = ("", "a..b", "$cmd", ".a", "system.users", "a\0b", "x" * 250)


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that keeps a moment for as long as MongoDB does by itself; the one the tests share forgets at once."""
    with start_mongodb(tmp_path_factory.mktemp("server") / "mongodb") as server:
        yield server


@pytest.fixture
def mongodb_url(_server: Server) -> str:
    """A database for this test alone."""
    return _server.url.replace("/postberry?", f"/test_{uuid.uuid4().hex}?")


@pytest.fixture
def elsewhere(settings: Settings) -> Settings:
    """Settings that lead to another database, an empty one, on the same server."""
    return settings.model_copy(update={"db_url": settings.db_url.replace("?", "_restored?")})


async def test_documents_come_back_byte_for_byte_with_their_indexes(
    settings: Settings, elsewhere: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["jobs"].insert_many([{"_id": 1}, RawBSONDocument(UNREADABLE)])
    await collections["some / thing"].insert_many([{"_id": number, "text": "x" * 1000} for number in range(20_000)])
    assert "20,002 documents" in await succeed(settings, "dump", tmp_path / "new" / "dump")
    assert "20,002 documents" in await succeed(elsewhere, "restore", tmp_path / "new" / "dump")
    async with AsyncMongoClient[RawBSONDocument](elsewhere.db_url, document_class=RawBSONDocument) as client:
        restored = client.get_default_database()
        assert [job.raw async for job in restored["jobs"].find().sort("_id")] == [bson.encode({"_id": 1}), UNREADABLE]
        assert await restored["some / thing"].count_documents({"text": "x" * 1000}) == 20_000
        assert {"users", "orders"} <= set(await restored.list_collection_names())
        assert "bulk_due" in await restored["jobs"].index_information()
        await client.drop_database(restored)


async def test_a_dump_is_of_one_moment_however_much_is_changed_meanwhile(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """What leaves one collection for another, by transactions, is in one of them: neither in none nor in both."""
    mongodb = database.client.get_default_database()
    await mongodb["users"].insert_one({"_id": 1})
    await mongodb["a"].insert_many([{"_id": number, "text": "x" * 1000} for number in range(5_000)])
    await mongodb["b"].insert_one({"_id": -1})
    moves = asyncio.create_task(_move(database, 5_000))
    await succeed(settings, "dump", tmp_path / "dump")
    moves.cancel()
    await asyncio.wait([moves])
    left, right = _ids(tmp_path / "dump" / "a.bson"), _ids(tmp_path / "dump" / "b.bson")
    assert sorted(left + right) == list(range(-1, 5_000))
    assert await mongodb["b"].count_documents({}) > len(right) > 1


async def _move(database: Database, count: int) -> None:
    mongodb = database.client.get_default_database()
    for number in range(count):

        async def work(transaction: Transaction, number: int = number) -> None:
            await mongodb["a"].delete_one({"_id": number}, session=transaction.session)
            await mongodb["b"].insert_one({"_id": number}, session=transaction.session)

        await database.in_transaction(work)


def _ids(path: Path) -> list[int]:
    return [document["_id"] for document in bson.decode_all(path.read_bytes())]


async def test_a_database_with_documents_is_not_restored_into(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    await succeed(settings, "dump", tmp_path / "dump")
    await collections["users"].delete_one({"_id": 1})
    await collections["others"].insert_one({"_id": 2})
    status, said = await backup(settings, "restore", tmp_path / "dump")
    assert (status, "is not empty, it has others: nothing was changed" in said) == (1, True)
    assert await collections["users"].count_documents({}) == 0


def _change(folder: Path) -> None:
    content = bytearray((folder / "users.bson").read_bytes())
    content[-2] ^= 1
    (folder / "users.bson").write_bytes(content)


def _lose(folder: Path) -> None:
    (folder / "users.bson").unlink()


def _interrupt(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _scribble(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


def _replace_by_a_pipe(folder: Path) -> None:
    _lose(folder)
    os.mkfifo(folder / "users.bson")


def _have_a_pipe_as_manifest(folder: Path) -> None:
    _interrupt(folder)
    os.mkfifo(folder / "manifest.json")


def _rename(folder: Path, name: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["collections"][name] = manifest["collections"]["users"]
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_change, "users.bson is missing, or not what was written"),
        (_lose, "users.bson is missing, or not what was written"),
        (_interrupt, "is no complete backup"),
        (_scribble, "cannot be read"),
        (_replace_by_a_pipe, "users.bson is missing, or not what was written"),
        (_have_a_pipe_as_manifest, "is no complete backup"),
        *((partial(_rename, name=name), "takes no collection by the name") for name in FORBIDDEN),
    ],
)
async def test_a_damaged_backup_is_refused_before_anything_is_written(
    settings: Settings, collections: Collections, tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    await collections["users"].insert_one({"_id": 1, "text": "x"})
    await succeed(settings, "dump", tmp_path / "dump")
    await collections.drop_collection("users")
    damage(tmp_path / "dump")
    status, said = await backup(settings, "restore", tmp_path / "dump")
    assert (status, words in said) == (1, True)
    assert "users" not in await collections.list_collection_names()


async def test_documents_are_not_told_when_mongodb_refuses_them(
    settings: Settings, elsewhere: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": "hunter2"})
    await succeed(settings, "dump", tmp_path / "dump")
    async with AsyncMongoClient[dict[str, Any]](elsewhere.db_url) as client:
        refused = {"$jsonSchema": {"required": ["name"]}}
        await client.get_default_database().create_collection("users", validator=refused)
        status, said = await backup(elsewhere, "restore", tmp_path / "dump")
        await client.drop_database(client.get_default_database())
    assert (status, "hunter2" in said, "Traceback" in said, "MongoDB refuses" in said) == (1, False, False, True)


async def test_a_capped_collection_is_not_to_be_tried_again(
    settings: Settings, database: Database, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    await database.client.get_default_database().create_collection("ring", capped=True, size=4096)
    status, said = await backup(settings, "dump", tmp_path / "dump")
    assert (status, "capped collections: ring cannot" in said, (tmp_path / "dump").exists()) == (1, True, False)


async def test_only_mongodbs_own_collections_are_left_out(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    await collections["systematic"].insert_one({"_id": 1})
    await succeed(settings, "dump", tmp_path / "dump")
    assert (tmp_path / "dump" / "systematic.bson").exists()


async def test_a_folder_that_is_there_is_left_as_it_is(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    (tmp_path / "dump").mkdir()
    assert await backup(settings, "dump", tmp_path / "dump") == (
        1,
        f"{tmp_path / 'dump'} is there already: name a new folder.\n",
    )
    assert list((tmp_path / "dump").iterdir()) == []


async def test_a_folder_that_cannot_be_made_is_named_with_the_reason(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "dump"
    assert await backup(settings, "dump", folder) == (
        1,
        f"{folder} cannot be made, not a directory: name a new folder where you may write.\n",
    )


async def test_a_file_that_may_not_be_read_is_named_with_the_reason(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / ("x" * 300)
    assert await backup(settings, "restore", folder) == (1, f"{folder / 'manifest.json'}: file name too long.\n")


async def test_a_dump_is_for_nobody_elses_eyes_and_says_what_it_holds(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    began = datetime.now(UTC)
    await succeed(settings, "dump", tmp_path / "dump")
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "dump", *(tmp_path / "dump").iterdir())] == [
        "0o700",
        "0o600",
        "0o600",
    ]
    manifest: dict[str, Any] = json.loads((tmp_path / "dump" / "manifest.json").read_text())
    assert manifest["collections"]["users"]["documents"] == 1
    assert began < datetime.fromisoformat(manifest["begun_at"]) < datetime.now(UTC)


async def test_a_mongodb_that_is_away_is_to_be_tried_again_and_its_password_is_not_told(
    settings: Settings, tmp_path: Path
) -> None:
    url = f"mongodb://ada:hunter2@127.0.0.1:{free_port()}/postberry?serverSelectionTimeoutMS=100"
    status, said = await backup(settings.model_copy(update={"db_url": url}), "dump", tmp_path / "dump")
    assert (status, "hunter2" in said, "Traceback" in said) == (75, False, False)
    assert not (tmp_path / "dump").exists()


async def test_a_database_that_has_nothing_of_ours_is_not_dumped(
    settings: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["things"].insert_one({"_id": 1})
    url = settings.db_url.replace("?", "?appName=ada-hunter2&", 1)
    status, said = await backup(settings.model_copy(update={"db_url": url}), "dump", tmp_path / "dump")
    server = urlsplit(settings.db_url)
    assert (status, said) == (
        1,
        f"{server.path[1:]} on {server.netloc} has no collection of Postberry, is DB_URL right? Nothing was written.\n",
    )
    assert not (tmp_path / "dump").exists()


async def test_it_says_from_where_and_into_what(
    settings: Settings, elsewhere: Settings, collections: Collections, tmp_path: Path
) -> None:
    await collections["users"].insert_one({"_id": 1})
    server = urlsplit(settings.db_url)
    said = await succeed(settings, "dump", tmp_path / "dump")
    assert said.startswith(f"Dumped from {server.path[1:]} on {server.netloc}: 1 documents of 1 collections, ")
    said = await succeed(elsewhere, "restore", tmp_path / "dump")
    assert said.startswith(f"Restored into {server.path[1:]}_restored on {server.netloc}: ")
    await collections.client.drop_database(f"{server.path[1:]}_restored")


async def test_a_server_without_moments_is_a_matter_of_settings(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "alone").mkdir()
    argv: list[str | Path] = [
        locate(MONGOD),
        "--dbpath",
        tmp_path / "alone",
        "--port",
        str(port),
        "--bind_ip",
        "127.0.0.1",
    ]
    mongod = spawn([*argv, "--nounixsocket"], tmp_path / "mongod.log")
    try:
        log = tmp_path / "mongod.log"
        until(lambda: "Waiting for connections" in log.read_text(), "MongoDB", 30)
        url = f"mongodb://127.0.0.1:{port}/postberry"
        async with AsyncMongoClient[dict[str, Any]](url) as client:
            await client["postberry"]["users"].insert_one({"_id": 1})
        status, said = await backup(settings.model_copy(update={"db_url": url}), "dump", tmp_path / "dump")
    finally:
        mongod.kill()
        mongod.wait()
    assert (status, "Traceback" in said) == (78, False), said
    assert not (tmp_path / "dump").exists()


@pytest.mark.parametrize("arguments", [(), ("dump",), ("dump", ""), ("restore",), ("forget", "all")])
async def test_who_calls_it_wrongly_is_told_how(settings: Settings, arguments: tuple[str, ...]) -> None:
    status, said = await backup(settings, *arguments)
    assert (status, said.startswith("Say it as in: make backup TO=")) == (2, True)


async def test_every_collection_of_ours_is_in_a_dump(settings: Settings, database: Database, tmp_path: Path) -> None:
    await indexes.create(database)  # which makes them
    await succeed(settings, "dump", tmp_path / "dump")
    dumped = {path.stem for path in (tmp_path / "dump").glob("*.bson")}
    assert {model.__collection__ for model in MODELS} <= dumped
