"""The rules, as promtool judges them, and as a real Prometheus does whose programs really are in trouble."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from schema.database import Database
from settings.config import Settings
from tests.alerts.prometheus import PROMTOOL, RULES, Prometheus, prometheus
from tests.support.application import Client, running_api
from tests.support.jobs import owe, set_due
from tests.support.processes import Server, free_port
from tests.support.programs import locate
from tests.support.smtp import SmtpSink
from tests.support.waiting import until
from tests.support.worker import logged, running_worker

FIRE_SECONDS = 60
PRODUCTS = "{ products { nodes { id } } }"


def test_promtool_finds_no_fault_in_the_rules() -> None:
    _promtool("check", "rules", str(RULES))
    _promtool("check", "config", str(RULES.with_name("prometheus.yml")))


def test_each_alert_fires_when_it_should_and_only_then() -> None:
    _promtool("test", "rules", str(RULES.with_name("rules_test.yml")))


def test_each_alert_has_its_instructions() -> None:
    notes = (RULES.parents[2] / "DEPLOYMENT-NOTES.md").read_text().lower()
    runbooks = [line.partition("#")[2] for line in RULES.read_text().splitlines() if "runbook:" in line]
    assert len(runbooks) == 9
    assert [name for name in runbooks if f"### {name}\n" not in notes] == []


def test_nothing_fires_while_all_is_well(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"metrics_port": free_port()})
    with running_api(settings) as api, running_worker(settings), _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.is_up("postberry-api") and watch.is_up("postberry-worker"), "The first scrapes", 60)
        until(lambda: watch.query("max(postberry_workers) == 1"), "The worker's report", 60)
        _ask(api, 20)
        until(lambda: watch.query("rate(postberry_http_request_seconds_count[5m]) > 0"), "A rate", 60)
        assert {name: rule["health"] for name, rule in watch.rules().items() if rule["health"] != "ok"} == {}
        until(lambda: not any(watch.fires(name) for name in watch.rules()), "Quiet", 60)


def test_a_killed_api_is_told_of(settings: Settings, tmp_path: Path) -> None:
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.is_up("postberry-api"), "The first scrape", 60)
        until(lambda: not watch.fires("PostberryApiDown"), "Quiet", 60)
        api.stop()
        _fires(watch, "PostberryApiDown")


@pytest.mark.anyio
async def test_jobs_that_nobody_works_on_are_told_of(settings: Settings, database: Database, tmp_path: Path) -> None:
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch:
        await set_due(database, await owe(database), -120)
        _fires(watch, "PostberryNoWorker")
        _fires(watch, "PostberryBacklog")


@pytest.mark.anyio
async def test_a_job_that_failed_for_good_is_told_of(
    settings: Settings, database: Database, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"metrics_port": free_port()})
    smtp_sink.refuse_next("550 5.1.1 No such user")
    with running_api(settings) as api, running_worker(settings), _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.query('postberry_jobs_failed{kind="SIGN_UP_EMAIL"} == 0'), "The count before", 60)
        await owe(database)
        _fires(watch, "PostberryJobsFailed")


def test_a_loop_that_is_held_up_is_told_of(settings: Settings, tmp_path: Path) -> None:
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.is_up("postberry-api"), "The first scrape", 60)
        (pid,) = {int(str(line["pid"])) for line in logged(settings) if line["event"] == "api ready"}
        for _ in range(6):
            with _frozen(pid):
                time.sleep(1)  # what is tested is that time
        _fires(watch, "PostberryLoopLag")


def test_slow_answers_are_told_of(settings: Settings, mongodb_server: Server, tmp_path: Path) -> None:
    own = {"db_url": mongodb_server.url, "answer_cache_enabled": False}  # what is kept is answered without MongoDB
    settings = settings.model_copy(update=own)
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch, ThreadPoolExecutor(8) as pool:
        _ask(api, 1, PRODUCTS)
        until(lambda: watch.query('postberry_http_request_seconds_count{handler="/graphql"}'), "The count before", 60)
        with _frozen(mongodb_server.pid):
            asked = [pool.submit(_ask, api, 1, PRODUCTS) for _ in range(8)]
            time.sleep(1.5)  # what is tested is that time
        for each in asked:
            each.result()
        _fires(watch, "PostberrySlow")


def test_a_mongodb_that_is_away_and_the_faults_that_follow_are_told_of(
    settings: Settings, mongodb_server: Server, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"db_url": f"{mongodb_server.url}&serverSelectionTimeoutMS=500"})
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.query("postberry_faulty_requests_total == 0"), "The count before", 60)
        mongodb_server.kill()
        _ask(api, 3, PRODUCTS)
        _fires(watch, "PostberryQueueUnreadable")
        _fires(watch, "PostberryErrorRate")


@pytest.mark.anyio
async def test_a_doorbell_that_nobody_hears_is_told_of(
    settings: Settings, redis_server: Server, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"redis_url": redis_server.url})
    with running_api(settings) as api, _watching(tmp_path, api, settings) as watch:
        until(lambda: watch.query("postberry_doorbell_failures_total == 0"), "The count before", 60)
        redis_server.process.send_signal(signal.SIGSTOP)
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await Client(http).sign_up()
        _fires(watch, "PostberryDoorbell")


@contextmanager
def _watching(folder: Path, api: Server, settings: Settings) -> Iterator[Prometheus]:
    ports = {"postberry-api": urlsplit(api.url).port or 0, "postberry-worker": settings.metrics_port}
    with prometheus(folder, {job: port for job, port in ports.items() if port}) as watch:
        yield watch


def _fires(watch: Prometheus, alert: str) -> None:
    until(lambda: watch.fires(alert), alert, FIRE_SECONDS)
    assert watch.rules()[alert]["health"] == "ok"


@contextmanager
def _frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _ask(api: Server, times: int, query: str = "{ __typename }") -> None:
    for _ in range(times):
        httpx.post(f"{api.url}/graphql", json={"query": query}, timeout=60)


def _promtool(*arguments: str) -> None:
    done = subprocess.run([locate(PROMTOOL), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
