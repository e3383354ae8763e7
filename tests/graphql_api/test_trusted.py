"""The program that tries a file of trusted documents."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from settings.config import Settings
from tests.support.persisted import written
from tests.support.worker import ROOT, environment


@pytest.mark.parametrize(("content", "status"), [({"a": "{__typename}"}, 0), ({"a": "{nothing}"}, 78)])
def test_it_says_by_its_status_whether_the_api_would_start(
    tmp_path: Path, settings: Settings, content: dict[str, str], status: int
) -> None:
    nowhere = {"DB_URL": "mongodb://127.0.0.1:1/", "REDIS_URL": "redis://127.0.0.1:1/0"}
    variables = environment(settings) | nowhere | {"TRUSTED_DOCUMENTS": str(written(tmp_path, content))}
    done = subprocess.run(
        [sys.executable, "-m", "graphql_api.trusted"],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    (line,) = [orjson.loads(text) for text in (done.stdout + done.stderr).splitlines()]
    assert (done.returncode, line["level"]) == (status, "critical" if status else "info")
    assert line.get("documents") == (None if status else 1)


def test_without_a_file_there_is_nothing_to_try(settings: Settings) -> None:
    tried = subprocess.run(
        [sys.executable, "-m", "graphql_api.trusted"], env=environment(settings), capture_output=True, check=False
    )
    assert tried.returncode == 78
