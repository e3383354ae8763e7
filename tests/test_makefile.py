"""What the Makefile does with a `.venv` that is there already."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.checkout import checked_out
from tests.support.worker import ROOT


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S607  # wherever it is


def test_a_venv_that_make_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.lock").touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "python").touch()
    done = _make(tmp_path, "admin", "EMAIL=ada@example.com")
    assert (done.returncode, done.stdout.startswith(".venv was not made by make")) == (2, True)
    assert [path.name for path in (tmp_path / ".venv").iterdir()] == ["python"]


def test_one_that_it_made_is_made_anew_after_a_change_of_the_lock(tmp_path: Path) -> None:
    lock, installed = tmp_path / "requirements-dev.lock", tmp_path / ".venv" / ".installed"
    installed.parent.mkdir()
    lock.touch()
    os.utime(lock, (1, 1))
    installed.touch()
    assert "--require-hashes" not in _make(tmp_path, "--dry-run", "admin").stdout
    lock.touch()
    os.utime(installed, (1, 1))
    assert "--require-hashes" in _make(tmp_path, "--dry-run", "admin").stdout


@pytest.mark.parametrize("target", ["admin", "seed", "backup", "restore"])
def test_what_asks_a_database_takes_the_one_of_make_run_where_none_is_set(tmp_path: Path, target: str) -> None:
    (tmp_path / "requirements-dev.lock").touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()
    assert " -m tests.support.beside_run " in _make(tmp_path, "--dry-run", target).stdout


def test_bad_settings_are_refused_once_before_anything_is_made(tmp_path: Path) -> None:
    done = checked_out(tmp_path / "postberry").run("make run", PORT="abc", APP_ENV="development")
    refusal, of_make = done.stderr.split("make: ***")
    assert (done.returncode, done.stdout, refusal.count("cannot start")) == (2, "", 1)
    assert "PORT: Input should be a valid integer" in refusal
    assert of_make.strip().endswith("Error 78")
    assert not (tmp_path / "postberry" / "var").exists()
