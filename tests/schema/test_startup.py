"""`python -m schema.startup`, which makes the indexes before a new version is rolled out."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from schema.indexes import MODELS
from settings.config import EXIT_BAD_SETTINGS, Settings
from tests.support.processes import Server, free_port, spawn
from tests.support.waiting import until
from tests.support.worker import environment, logged

COMMAND = [sys.executable, "-m", "schema.startup"]
AWAY = "mongodb://127.0.0.1:{}/postberry?replicaSet=rs0"


def _run(settings: Settings, **variables: str) -> int:
    env = environment(settings) | variables
    return subprocess.run(COMMAND, env=env, cwd=settings.log_dir.parent, capture_output=True, check=False).returncode


def _indexes(url: str) -> dict[str, dict[str, object]]:
    with MongoClient[dict[str, object]](url) as client:
        database = client.get_default_database()
        return {name: dict(database[name].index_information()) for name in database.list_collection_names()}


def test_it_makes_every_index_and_nothing_the_second_time(settings: Settings, mongodb_server: Server) -> None:
    at = settings.model_copy(update={"db_url": mongodb_server.url})
    assert (_indexes(mongodb_server.url), _run(at)) == ({}, 0)
    made = _indexes(mongodb_server.url)
    assert made.keys() == {+model for model in MODELS}
    assert {"bulk_due", "dedupe_key"} <= made["jobs"].keys()
    assert _run(at) == 0
    assert _indexes(mongodb_server.url) == made


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"DB_URL": "nowhere"}, EXIT_BAD_SETTINGS),
        ({"DB_URL": f"{AWAY.format(1)}&tls=true&tlsCAFile={__file__}"}, EXIT_BAD_SETTINGS),
        ({"DB_URL": AWAY.format(free_port()), "START_TIMEOUT": "0.1"}, 75),
    ],
    ids=["bad-settings", "no-certificate", "mongodb-away"],
)
def test_it_ends_with_the_status_that_the_programs_have(
    variables: dict[str, str], status: int, settings: Settings
) -> None:
    assert _run(settings, **variables) == status


def test_it_has_not_succeeded_when_it_is_told_to_end_before(settings: Settings, tmp_path: Path) -> None:
    env = environment(settings) | {"DB_URL": AWAY.format(free_port())}
    program = spawn(COMMAND, tmp_path / "console.log", env, tmp_path)
    with Server("the command", program):
        until(lambda: "mongodb is away" in str(logged(settings)), "Its first try", 30)
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 75
