"""An S3 server: moto's, as a process of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.processes import Server, accepts, free_port, spawn

BUCKET = "postberry"


@pytest.fixture
def s3_server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, with one empty bucket."""
    port, log = free_port(), tmp_path / "s3.log"
    process = spawn([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], log, _environment())
    with Server(f"http://127.0.0.1:{port}", process).await_start(lambda: accepts(port), log) as server:
        httpx.put(f"{server.url}/{BUCKET}").raise_for_status()
        yield server


@pytest.fixture
def s3_url(s3_server: Server) -> str:
    """A STORAGE_URL that leads there."""
    return f"s3://key:secret@{BUCKET}/files of/tests?endpoint={s3_server.url}&region=us-east-1"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}
