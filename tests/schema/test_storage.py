"""Files in a folder and in a bucket: the same to whoever uses them."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from obstore.exceptions import BaseError

from schema.storage import PAGE, PART, PIECE, Storage
from schema.times import utc_now
from tests.support.processes import Server
from tests.support.s3 import BUCKET
from tests.support.uploads import kept
from tests.support.waiting import eventually
from tests.support.worker import ROOT

pytestmark = pytest.mark.anyio

PARTS = 3


class _BrokenError(Exception):
    pass


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    bucket = request.param == "bucket"
    return Storage(request.getfixturevalue("s3_url") if bucket else f"file://{tmp_path / 'storage'}")


async def _pieces(count: int, *, broken: bool = False) -> AsyncIterator[bytes]:
    for number in range(count):
        yield bytes([number % 256]) * PIECE
    if broken:
        raise _BrokenError


async def _read(storage: Storage, key: str) -> bytes:
    return b"".join([piece async for piece in await storage.open(key)])


async def test_a_file_is_kept_read_and_deleted(storage: Storage) -> None:
    await storage.put("files/a", _pieces(3), "image/png")
    assert await _read(storage, "files/a") == b"".join([piece async for piece in _pieces(3)])
    await storage.delete("files/a")
    with pytest.raises(FileNotFoundError):
        await storage.open("files/a")


async def test_a_file_of_many_parts_passes_through_in_pieces(storage: Storage) -> None:
    count = PARTS * PART // PIECE + 1
    await storage.put("large", _pieces(count), "application/pdf")
    digest, largest, size = hashlib.sha256(), 0, 0
    async for piece in await storage.open("large"):
        digest.update(piece)
        largest, size = max(largest, len(piece)), size + len(piece)
    sent = hashlib.sha256(b"".join([piece async for piece in _pieces(count)]))
    assert (digest.digest(), size) == (sent.digest(), count * PIECE)
    assert largest <= PART


async def test_a_bucket_that_is_slow_slows_its_source_down(s3_server: Server, s3_url: str) -> None:
    """What was taken from the source and is not yet in the bucket is what memory has to hold."""
    taken, seen = 0, [0]

    async def watched() -> AsyncIterator[bytes]:
        nonlocal taken
        async for piece in _pieces(2 * PARTS * PART // PIECE):
            taken += len(piece)
            if taken == PART:
                os.kill(s3_server.pid, signal.SIGSTOP)
            yield piece

    async def is_stalled() -> bool:
        seen.append(taken)
        return taken >= PART and len(set(seen[-20:])) == 1

    put = asyncio.create_task(_put(Storage(s3_url), watched()))
    await eventually(is_stalled, "The end of the source's patience")
    held = taken
    os.kill(s3_server.pid, signal.SIGCONT)
    await put
    assert PART <= held <= 2 * PART + PIECE
    assert taken == 2 * PARTS * PART


async def _put(storage: Storage, pieces: AsyncIterator[bytes]) -> None:
    await storage.put("large", pieces, "application/pdf")


async def _get(s3_server: Server, what: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"{s3_server.url}/{BUCKET}{what}")


@pytest.mark.parametrize("count", [1, PARTS * PART // PIECE])
async def test_nothing_is_kept_of_a_file_that_breaks_off(storage: Storage, tmp_path: Path, count: int) -> None:
    with pytest.raises(_BrokenError):
        await storage.put("broken", _pieces(count, broken=True), "image/png")
    with pytest.raises(FileNotFoundError):
        await storage.open("broken")
    assert kept(tmp_path / "storage") == []


async def test_a_bucket_keeps_no_parts_of_a_file_that_breaks_off(s3_server: Server, s3_url: str) -> None:
    with pytest.raises(_BrokenError):
        await Storage(s3_url).put("broken", _pieces(PARTS * PART // PIECE, broken=True), "image/png")
    listing = (await _get(s3_server, "?uploads")).text
    assert ("ListMultipartUploadsResult" in listing, "<Upload>" in listing) == (True, False)


async def test_an_empty_file_is_a_file(storage: Storage) -> None:
    await storage.put("empty", _pieces(0), "image/png")
    assert await _read(storage, "empty") == b""


async def test_what_is_not_there_is_deleted_without_a_word(storage: Storage) -> None:
    await storage.put("there", _pieces(1), "image/png")
    await storage.delete("nothing")
    assert len(await _read(storage, "there")) == PIECE


async def test_a_bucket_knows_the_type_and_keeps_below_the_prefix(s3_server: Server, s3_url: str) -> None:
    await Storage(s3_url).put("files/a", _pieces(1), "image/webp")
    found = await _get(s3_server, "/files of/tests/files/a")
    assert (found.status_code, found.headers["content-type"]) == (200, "image/webp")


async def test_what_the_url_of_a_bucket_leaves_out_comes_from_the_environment(
    s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "ENDPOINT_URL": s3_server.url}
    for name, value in variables.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    storage = Storage(f"s3://{BUCKET}")
    await storage.put("files/a", _pieces(1), "image/png")
    assert (await _get(s3_server, "/files/a")).status_code == 200


async def test_a_bucket_that_is_away_is_an_error_soon(s3_server: Server, s3_url: str) -> None:
    s3_server.kill()
    with pytest.raises(BaseError):
        await Storage(s3_url).open("files/a")


async def test_files_are_listed_by_their_place(storage: Storage) -> None:
    before = utc_now() - timedelta(seconds=2)
    for key in ("files/a", "files/b", "files/of/c", "filesystem", "reports/d"):
        await storage.put(key, _pieces(1), "image/png")
    listed = [kept for page in [page async for page in storage.pages("files")] for kept in page]
    assert {kept.key for kept in listed} == {"files/a", "files/b", "files/of/c"}
    assert all(before < kept.written_at < utc_now() + timedelta(seconds=2) for kept in listed)
    assert [page async for page in storage.pages("nothing")] == []


async def test_many_files_are_listed_a_page_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for number in range(2 * PAGE + 1):
        (tmp_path / "files" / str(number)).touch()
    assert [len(page) async for page in Storage(f"file://{tmp_path}").pages("files")] == [PAGE, PAGE, 1]


KILLED = """
import asyncio, os, signal, sys
from schema.storage import Storage

async def pieces():
    yield bytes(1_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
    yield b""

asyncio.run(Storage(sys.argv[1]).put("files/a", pieces(), "image/png"))
"""


async def test_what_a_killed_process_left_half_written_goes_once_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "storage"
    storage, now = Storage(f"file://{folder}"), utc_now()
    await storage.put("files/whole", _pieces(1), "image/png")
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, f"file://{folder}", cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    assert len(kept(folder)) == 2
    assert await storage.discard_staged("files", now - timedelta(days=1)) == 0
    assert len(kept(folder)) == 2
    assert await storage.discard_staged("files", now + timedelta(days=1)) == 1
    assert kept(folder) == [folder / "files" / "whole"]


async def test_where_nothing_was_ever_written_nothing_was_left(storage: Storage) -> None:
    assert await storage.discard_staged("files", utc_now()) == 0


async def test_a_relative_folder_is_made_where_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    storage = Storage("file://var/the storage")
    assert (tmp_path / "var" / "the storage").is_dir()
    monkeypatch.chdir("/")
    await storage.put("a", _pieces(1), "image/png")
    assert kept(tmp_path) == [tmp_path / "var" / "the storage" / "a"]


def test_a_folder_that_cannot_be_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="directory"):
        Storage(f"file://{tmp_path}/file/storage")
