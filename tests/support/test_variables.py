import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import variables
from tests.support.worker import ROOT

WRONG = {
    "audit": {"SECONDS": "abc"},
    "benchmarks.graphql": {"ONLY": "nonsense"},
    "benchmarks.hostile": {"ROUNDS": "x"},
    "benchmarks.letters": {"LETTERS": "many"},
    "benchmarks.redis_away": {"SECONDS": "0"},
    "benchmarks.sizes": {"DOCUMENTS": "-1"},
    "benchmarks.start": {"ROUNDS": "0"},
    "benchmarks.views": {"ROUNDS": "1.5"},
    "tests.chaos": {"SECONDS": "abc"},
    "tests.fuzz": {"DOCUMENTS": "0"},
}


@pytest.mark.parametrize(("module", "told"), WRONG.items(), ids=WRONG.keys())
def test_a_command_that_is_told_nonsense_says_what_it_takes_and_starts_nothing(
    tmp_path: Path, module: str, told: dict[str, str]
) -> None:
    done = _ended(tmp_path, [module], told)
    ((name, text),) = told.items()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith(f"{name}={text} cannot be: {name} ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["audit", "clients"])
def test_a_check_that_there_is_not_is_no_check_of_the_others(tmp_path: Path, module: str) -> None:
    done = _ended(tmp_path, [module, "nonsense"], {})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "nonsense, but " in done.stderr
    assert list(tmp_path.iterdir()) == []


def _ended(folder: Path, command: list[str], told: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)} | told
    argv = [sys.executable, "-m", *command]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("environment", [{}, {"COUNT": ""}])
def test_what_is_not_said_is_as_usual(environment: dict[str, str]) -> None:
    assert variables.whole(environment, "COUNT", 5) == 5
    assert variables.number(environment, "COUNT", 0.5) == 0.5
    assert variables.names(environment, "COUNT", ["a"]) == frozenset()


def test_what_is_said_counts() -> None:
    assert variables.whole({"COUNT": "7"}, "COUNT", 5) == 7
    assert variables.whole({"COUNT": "0"}, "COUNT", 5, least=0) == 0
    assert variables.number({"COUNT": "2"}, "COUNT", 0.5) == 2
    assert variables.names({"COUNT": "a, c,"}, "COUNT", ["a", "b", "c"]) == {"a", "c"}


def _whole(environment: dict[str, str]) -> object:
    return variables.whole(environment, "COUNT", 5)


def _number(environment: dict[str, str]) -> object:
    return variables.number(environment, "COUNT", 5, least=0.5)


def _names(environment: dict[str, str]) -> object:
    return variables.names(environment, "COUNT", ["a", "b"])


@pytest.mark.parametrize(
    ("read", "text", "rule"),
    [
        *((_whole, text, "is a whole number from 1") for text in ("abc", "0", "-1", "1.5", "9" * 5_000)),
        *((_number, text, "is a number from 0.5") for text in ("abc", "0", "nan", "inf", "-inf", "1e999")),
        *((_names, text, "names some of a, b") for text in ("c", "a,c", "a b")),
    ],
)
def test_what_cannot_be_ends_the_command_with_a_sentence(
    capsys: pytest.CaptureFixture[str], read: Callable[[dict[str, str]], object], text: str, rule: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        read({"COUNT": text})
    assert (ended.value.code, *capsys.readouterr()) == (2, "", f"COUNT={text} cannot be: COUNT {rule}.\n")
