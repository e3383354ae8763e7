"""The program that tries a file of trusted documents."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from graphql_api.documents.cache import Documents
from graphql_api.schema import create_schema
from graphql_api.trusted import trusted_documents
from settings.config import Settings
from tests.support.persisted import written
from tests.support.worker import ROOT, environment


@pytest.mark.parametrize(("content", "status"), [({"a": "{__typename}"}, 0), ({"a": "{nothing}"}, 78)])
def test_it_says_by_its_status_whether_the_api_would_start(
    tmp_path: Path, settings: Settings, content: dict[str, str], status: int
) -> None:
    nowhere = {"DB_URL": "mongodb://127.0.0.1:1/", "REDIS_URL": "redis://127.0.0.1:1/0"}
    variables = environment(settings) | nowhere | {"CONSOLE_ENABLED": "false"}
    variables["TRUSTED_DOCUMENTS"] = str(written(tmp_path, content))
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


def _trusted(settings: Settings, consoles: Path, **changes: Any) -> dict[str, str]:  # noqa: ANN401  (settings are anything)
    changed, documents = settings.model_copy(update=changes), Documents(settings)
    return trusted_documents(changed, create_schema(documents), documents, consoles=consoles).texts


def test_what_the_console_asks_is_trusted_beside_the_file(tmp_path: Path, settings: Settings) -> None:
    (consoles := tmp_path / "console.json").write_text('{"jobs": "{jobs{nodes{id}}}"}')
    file = written(tmp_path, {"a": "{__typename}"})
    assert set(_trusted(settings, consoles, trusted_documents=file)) == {"a", "jobs"}
    assert set(_trusted(settings, consoles, trusted_documents=file, console_enabled=False)) == {"a"}
    assert set(_trusted(settings, tmp_path / "absent.json", trusted_documents=file)) == {"a"}


def test_without_a_file_the_console_makes_nothing_trusted(tmp_path: Path, settings: Settings) -> None:
    (consoles := tmp_path / "console.json").write_text('{"jobs": "{jobs{nodes{id}}}"}')
    assert _trusted(settings, consoles) == {}
