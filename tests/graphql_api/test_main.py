"""The API program as an operator starts it."""

import subprocess
import sys
from pathlib import Path

import orjson

from settings.config import Settings
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import MONGOD, locate
from tests.support.worker import ROOT, environment


def test_a_mongodb_that_is_no_replica_set_is_refused_with_one_sentence(settings: Settings, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "mongod.log"
    where = ["--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket", "--dbpath", str(tmp_path)]
    server = Server(f"mongodb://127.0.0.1:{port}", spawn([locate(MONGOD), *where], log))
    with server.await_start(lambda: accepts(port), log):
        status, line = _refusal(settings.model_copy(update={"db_url": server.url}))
    assert status == 78
    assert "rs.initiate()" in line["error"]


def test_a_mongodb_that_is_away_is_said_in_one_line(settings: Settings) -> None:
    url = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"
    status, line = _refusal(settings.model_copy(update={"db_url": url, "start_timeout": 1}))
    assert status == 75
    assert line["event"] == "cannot start, MongoDB does not answer: see DB_URL"


def test_a_storage_that_cannot_be_is_said_in_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, line = _refusal(settings.model_copy(update={"storage_url": f"file://{tmp_path}/file/storage"}))
    assert status == 78
    assert line["event"] == "cannot start, no files can be kept: see STORAGE_URL"


def _refusal(settings: Settings) -> tuple[int, dict[str, str]]:
    command = [sys.executable, "-m", "graphql_api"]
    done = subprocess.run(command, env=environment(settings), cwd=ROOT, capture_output=True, check=False, timeout=60)
    (line,) = [line for text in done.stderr.splitlines() if (line := orjson.loads(text))["level"] == "critical"]
    return done.returncode, line
