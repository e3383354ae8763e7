"""The API within the test, and servers that Postberry has to refuse."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from settings.config import Settings
from tests.support.application import Client, serving
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import MONGOD, locate


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    """The API within the test's process."""
    async with serving(settings) as client:
        yield client


@pytest.fixture
def standalone_url(tmp_path: Path) -> Iterator[str]:
    """A server that was never told to be a replica set."""
    with _mongod(tmp_path) as server:
        yield server.url


@pytest.fixture
def uninitiated_url(tmp_path: Path) -> Iterator[str]:
    """A server started as a replica set on which nobody has run rs.initiate()."""
    with _mongod(tmp_path, "--replSet", "rs0") as server:
        yield server.url


@contextmanager
def _mongod(folder: Path, *options: str) -> Iterator[Server]:
    port, log = free_port(), folder / "mongod.log"
    where = ["--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket", "--dbpath", str(folder)]
    server = Server(f"mongodb://127.0.0.1:{port}", spawn([locate(MONGOD), *where, *options], log))
    with server.await_start(lambda: accepts(port), log):
        yield server
