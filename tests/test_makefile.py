"""What the Makefile does with a `.venv` that is there already, and with values that it is given."""

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


AWKWARD = 'o\'hara "the" 1st@example.com; touch pwned & `touch pwned`'
ONE_VALUE = [("admin", "EMAIL"), ("backup", "TO"), ("restore", "FROM"), ("new", "SLICE"), ("new", "ONE")]
SOME_WORDS = [("clients", "ONLY"), ("audit", "ONLY"), ("lock", "UPGRADE")]


def _told(folder: Path, target: str, variable: str, value: str = AWKWARD) -> list[str]:
    """The arguments of what a target starts, a line each."""
    (folder / "requirements-dev.lock").touch()
    for program in (".venv/bin/python", "var/uv/bin/uv"):
        (folder / program).parent.mkdir(parents=True)
        (folder / program).write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        (folder / program).chmod(0o755)
    (folder / ".venv" / ".installed").touch()
    done = _make(folder, "--silent", target, f"{variable}={value}")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "pwned").exists()
    return done.stdout.splitlines()


@pytest.mark.parametrize(("target", "variable"), ONE_VALUE)
def test_a_value_is_one_argument_whatever_stands_in_it(tmp_path: Path, target: str, variable: str) -> None:
    assert AWKWARD in _told(tmp_path, target, variable)


@pytest.mark.parametrize(("target", "variable"), SOME_WORDS)
def test_several_words_are_arguments_and_no_commands(tmp_path: Path, target: str, variable: str) -> None:
    told = _told(tmp_path, target, variable)
    assert [each for each in told if each in AWKWARD.split()][: len(AWKWARD.split())] == AWKWARD.split()


def test_what_pytest_is_told_is_split_and_can_be_quoted(tmp_path: Path) -> None:
    assert _told(tmp_path, "test", "ARGS", "-n 0 -k 'walk and not run'") == [
        *("-m", "pytest", "-n", "0", "-k", "walk and not run")
    ]
