import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from settings import alive
from settings.alive import LIMIT_SECONDS, Sign
from settings.config import Settings
from tests.support.alive import ask, make_old
from tests.support.application import running_api
from tests.support.processes import Server
from tests.support.waiting import until
from tests.support.worker import running_worker

Running = Callable[[Settings], AbstractContextManager[Server]]

PROGRAMS = [pytest.param(running_api, id="api"), pytest.param(running_worker, id="worker")]

LATE = LIMIT_SECONDS + 1


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this test's programs alone."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.parametrize(
    ("signs", "fault"),
    [
        ([], "no process"),
        ([Sign("7", 1, is_held=True)], ""),
        ([Sign("7", LATE, is_held=True)], "Process 7"),
        ([Sign("7", 1, is_held=True), Sign("8", LATE, is_held=True)], "Process 8"),
        ([Sign("7", 1, is_held=False)], ""),
        ([Sign("7", LATE, is_held=False)], "no process"),
        ([Sign("7", LATE, is_held=False), Sign("8", 1, is_held=True)], ""),
    ],
    ids=["nobody", "alive", "stuck", "one-of-two-stuck", "just-died", "died-long-ago", "replaced"],
)
def test_a_program_is_judged_by_the_last_signs_of_its_processes(signs: list[Sign], fault: str) -> None:
    assert fault in alive.judge(signs)
    assert bool(fault) == bool(alive.judge(signs))


@pytest.mark.parametrize("running", PROGRAMS)
def test_a_program_that_serves_lives_and_one_that_ended_does_not(
    running: Running, settings: Settings, folder: Path
) -> None:
    with running(settings):
        make_old(folder)
        until(lambda: ask(folder).returncode == 0, "Another sign of life", 20)
    done = ask(folder)
    assert (done.returncode, done.stdout) == (1, "There is no process that gives signs of life.\n")


@pytest.mark.parametrize("running", PROGRAMS)
def test_a_program_with_a_process_that_hangs_does_not_live(running: Running, settings: Settings, folder: Path) -> None:
    with running(settings) as program:
        (pid,) = make_old(folder)
        os.kill(pid, signal.SIGSTOP)
        until(lambda: make_old(folder) and ask(folder).returncode == 1, "The news of it", 20)
        assert ask(folder).stdout.startswith(f"Process {pid} has given no sign of life")
        os.killpg(program.pid, signal.SIGCONT)
        until(lambda: ask(folder).returncode == 0, "Another sign of life", 20)


@pytest.mark.parametrize("running", PROGRAMS)
def test_a_program_that_was_killed_does_not_live(running: Running, settings: Settings, folder: Path) -> None:
    with running(settings) as program:
        os.killpg(program.pid, signal.SIGKILL)
        program.process.wait()
        until(lambda: make_old(folder) and ask(folder).returncode == 1, "The news of its end", 20)


@pytest.mark.parametrize("running", PROGRAMS)
def test_a_program_whose_mongodb_is_away_lives(
    running: Running, settings: Settings, folder: Path, mongodb_server: Server
) -> None:
    with running(settings.model_copy(update={"db_url": mongodb_server.url})):
        mongodb_server.kill()
        make_old(folder)
        until(lambda: ask(folder).returncode == 0, "Another sign of life", 20)


def test_another_program_on_the_machine_has_its_own_signs(settings: Settings, folder: Path, tmp_path: Path) -> None:
    with running_worker(settings):
        assert ask(folder).returncode == 0
        assert ask(tmp_path / "logs").returncode == 1
