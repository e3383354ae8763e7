"""The worker's port for Prometheus."""

import multiprocessing
import os
import signal
import socket
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from settings.config import AppEnv, Settings
from tasks.metrics import port_kept
from tasks.worker import working
from tests.support.metrics import scrape
from tests.support.processes import accepts, free_port
from tests.support.worker import await_log, kill_tree, logged, ready_pids, running_worker


@pytest.fixture
def on_a_port(settings: Settings) -> Settings:
    return settings.model_copy(update={"metrics_port": free_port()})


def test_it_speaks_while_the_worker_runs_and_leaves_nothing_behind(
    on_a_port: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running_worker(on_a_port):
        url = f"http://127.0.0.1:{on_a_port.metrics_port}"
        assert scrape(url).total("postberry_queue_readable") == 1
        assert len(list(tmp_path.glob("postberry-metrics-*"))) == 1
        assert [httpx.get(f"{url}{path}").status_code for path in ("/", "/metrics/", "/live")] == [404, 404, 404]
        assert httpx.post(f"{url}/metrics").status_code == 404
    assert not accepts(on_a_port.metrics_port)
    assert not list(tmp_path.glob("postberry-metrics-*"))


def test_a_port_that_is_taken_is_an_error_in_the_log_and_work_goes_on(on_a_port: Settings) -> None:
    with socket.create_server(("127.0.0.1", on_a_port.metrics_port)), running_worker(on_a_port):
        told = {line["event"]: line["level"] for line in logged(on_a_port)}
    assert told["metrics are not served, see METRICS_PORT"] == "error"
    assert told["worker ready"] == "info"


NOT_SERVED = "metrics are not served, see METRICS_PORT"


def _second(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"log_dir": tmp_path / "second" / "logs"})


def _events(settings: Settings) -> list[object]:
    return [line["event"] for line in logged(settings)]


def test_a_second_program_does_not_answer_on_the_port_of_the_first(on_a_port: Settings, tmp_path: Path) -> None:
    first = on_a_port.model_copy(update={"worker_processes": 2})
    second = _second(first, tmp_path)
    second.log_dir.parent.mkdir()
    with running_worker(first):
        await_log(first, "worker ready", 2)
        with running_worker(second):
            await_log(second, "worker ready", 2)
            assert _events(second).count(NOT_SERVED) == 1
        assert accepts(on_a_port.metrics_port)
        assert NOT_SERVED not in _events(first)
        os.kill(ready_pids(first)[0], signal.SIGKILL)
        await_log(first, "worker ready", 3)
        assert NOT_SERVED not in _events(first)


def test_after_a_parent_was_killed_the_port_is_its_successors(on_a_port: Settings, tmp_path: Path) -> None:
    second = _second(on_a_port, tmp_path)
    second.log_dir.parent.mkdir()
    with running_worker(on_a_port) as first:
        first.process.kill()
        first.process.wait()
        with running_worker(second):
            assert NOT_SERVED not in _events(second)
        kill_tree(first)


def _outlive(begun: Event, over: Event) -> None:
    begun.set()
    over.wait()


def test_processes_that_outlive_their_parent_do_not_keep_the_port(on_a_port: Settings) -> None:
    context = multiprocessing.get_context("fork")
    begun, over = context.Event(), context.Event()
    orphan = context.Process(target=_outlive, args=(begun, over))
    with port_kept(on_a_port):
        orphan.start()
        assert begun.wait(20)
    with capture_logs() as lines, port_kept(on_a_port):
        over.set()
    orphan.join(20)
    assert lines == []


@pytest.mark.anyio
async def test_production_asks_for_the_token(on_a_port: Settings) -> None:
    token = {"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a metrics token")}
    async with working(on_a_port.model_copy(update=token)), httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{on_a_port.metrics_port}/metrics"
        assert (await http.get(url)).status_code == 401
        assert (await http.get(url, headers={"Authorization": "Bearer another"})).status_code == 401
        shown = await http.get(url, headers={"Authorization": "Bearer a metrics token"})
        assert (shown.status_code, "postberry_workers" in shown.text) == (200, True)
