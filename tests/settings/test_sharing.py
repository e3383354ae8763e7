"""What is left of the metrics when a program does not end in good order."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from settings.config import Settings
from tests.support.application import running_api
from tests.support.processes import Server
from tests.support.waiting import until
from tests.support.worker import await_log, running_worker

SOON = 30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the programs have their temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def _shared(folder: Path) -> list[Path]:
    return list(folder.glob("postberry-metrics-*"))


@pytest.mark.parametrize(("running", "ready"), [(running_api, "api ready"), (running_worker, "worker ready")])
def test_processes_whose_parent_was_killed_leave_nothing(
    settings: Settings, folder: Path, running: Callable[[Settings], AbstractContextManager[Server]], ready: str
) -> None:
    with running(settings.model_copy(update={"api_workers": 2, "worker_processes": 2})) as program:
        await_log(settings, ready, times=2)
        assert len(_shared(folder)) == 1
        program.kill()
        until(lambda: not _shared(folder), "The end of the folder", SOON)


def test_a_second_signal_leaves_nothing(settings: Settings, folder: Path) -> None:
    slow = {"shutdown_timeout": 300, "shutdown_grace": 200, "stop_grace": 400}
    with running_api(settings.model_copy(update=slow)) as api:
        assert len(_shared(folder)) == 1
        api.process.terminate()
        await_log(settings, "api ending")
        api.process.terminate()
        assert api.process.wait(SOON) == 128 + signal.SIGTERM
        assert not _shared(folder)
