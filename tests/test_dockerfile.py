"""The image for containers: what its recipe says of the programs is so."""

import re
import shlex
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest

from settings.config import Settings
from tests.support.alive import ask, make_old
from tests.support.application import running_api
from tests.support.processes import Server
from tests.support.waiting import until
from tests.support.worker import ROOT, running_worker

TEXT = (ROOT / "deploy" / "Dockerfile").read_text()
STEPS = [
    (word, text)
    for word, _, text in (
        line.partition(" ") for line in re.sub(r"\\\n\s*", "", TEXT).splitlines() if line and not line.startswith("#")
    )
]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]


def _texts(word: str) -> list[str]:
    return [text for step, text in STEPS if step == word]


def _last_stage() -> dict[str, str]:
    first = max(number for number, (step, _) in enumerate(STEPS) if step == "FROM")
    return dict(STEPS[first:])


def _copied() -> list[str]:
    """What is taken from the repository."""
    copies = [shlex.split(text)[:-1] for text in _texts("COPY") if not text.startswith("--from")]
    return [path for paths in copies for path in paths]


def _health_check() -> tuple[dict[str, str], list[str]]:
    options, _, command = _last_stage()["HEALTHCHECK"].partition("CMD ")
    return dict(re.findall(r"--([a-z-]+)=(\S+)", options)), orjson.loads(command)


def test_it_holds_the_packages_of_the_product_and_what_the_locks_say() -> None:
    assert set(PACKAGES) <= set(_copied())
    assert all((ROOT / path).exists() for path in _copied())
    (install,) = [text for text in _texts("RUN") if "pip install" in text]
    assert {"--require-hashes", "--requirement", "/tmp/requirements.lock"} <= set(shlex.split(install))  # noqa: S108  (in the image)
    assert any(text.endswith("npm ci") for text in _texts("RUN"))


def test_nothing_else_is_given_to_its_build() -> None:
    first, *lines = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert first == "*"
    assert allowed == {path.split("/")[0] for path in _copied()}
    made = {"console/src/generated", "graphql_api/console/static", "graphql_api/graphiql/static"}
    assert {"**/__pycache__", "**/node_modules", *made} == set(lines) - {f"!{a}" for a in allowed}


def test_it_runs_on_a_python_that_the_product_knows_and_names_no_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    bases = [text.split()[0] for text in _texts("FROM")]
    assert bases[-1] == bases[-2] == f"python:{project['tool']['mypy']['python_version']}-slim"
    assert all(re.fullmatch(r"(python:3\.\d+|node:\d+)-slim", base) for base in bases)
    assert "://" not in TEXT


def test_it_runs_as_nobody_who_may_anything() -> None:
    assert re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", _last_stage()["USER"])
    assert [word for word, _ in STEPS if word in {"ARG", "ADD"}] == []
    assert not re.search(r"SECRET|TOKEN|PASSWORD", _last_stage()["ENV"])


def test_signals_reach_the_program_it_starts() -> None:
    interpreter, option, module = orjson.loads(_last_stage()["CMD"])
    assert (interpreter, option, bool(find_spec(module))) == ("python", "-m", True)
    assert _last_stage()["STOPSIGNAL"] == "SIGTERM"
    assert "ENTRYPOINT" not in _last_stage()


def test_its_health_check_waits_for_a_start_that_waits_for_mongodb(settings: Settings) -> None:
    options, _ = _health_check()
    assert int(options["start-period"].removesuffix("s")) > settings.start_timeout


@pytest.mark.parametrize("running", [running_api, running_worker], ids=["api", "worker"])
def test_its_health_check_knows_a_program_that_lives_from_one_that_does_not(
    running: Callable[[Settings], AbstractContextManager[Server]],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, (_, command) = tmp_path / "tmp", _health_check()
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    with running(settings) as program:
        alive = ask(folder, command)
        assert (alive.returncode, alive.stdout) == (0, "It lives.\n")
        program.kill()
        until(lambda: _is_found_dead(folder, command), "The news of its end", 20)


def _is_found_dead(folder: Path, command: list[str]) -> bool:
    make_old(folder)
    return ask(folder, command).returncode == 1
