"""The worker's port for Prometheus."""

import socket
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from settings.config import AppEnv, Settings
from tasks.worker import working
from tests.support.metrics import scrape
from tests.support.processes import accepts, free_port
from tests.support.worker import logged, running_worker


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


@pytest.mark.anyio
async def test_production_asks_for_the_token(on_a_port: Settings) -> None:
    token = {"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a metrics token")}
    async with working(on_a_port.model_copy(update=token)), httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{on_a_port.metrics_port}/metrics"
        assert (await http.get(url)).status_code == 401
        assert (await http.get(url, headers={"Authorization": "Bearer another"})).status_code == 401
        shown = await http.get(url, headers={"Authorization": "Bearer a metrics token"})
        assert (shown.status_code, "postberry_workers" in shown.text) == (200, True)
