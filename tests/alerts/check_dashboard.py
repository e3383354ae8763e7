"""Each query of the dashboard has something to show, as a real Prometheus answers it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from settings.config import Settings
from tests.alerts.prometheus import DEPLOY, Prometheus, prometheus
from tests.support.application import Client, running_api
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.support.waiting import until
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

DASHBOARD = DEPLOY / "grafana" / "postberry.json"
ONCE = [
    'postberry_job_attempts_total{outcome="succeeded"} == 1',
    'postberry_graphql_field_seconds_count{field="jobCancel"} == 1',
]
"""What was done the first time, in the numbers of each program: rates are of what comes after."""


async def test_every_query_has_an_answer(settings: Settings, smtp_sink: SmtpSink, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"metrics_port": free_port()})
    with running_api(settings) as api, running_worker(settings):
        ports = {"postberry-api": urlsplit(api.url).port or 0, "postberry-worker": settings.metrics_port}
        with prometheus(tmp_path, ports) as watch:
            async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
                await _use(Client(http), "ada@example.com")
                await smtp_sink.arrived(1)
                until(lambda: all(map(watch.query, ONCE)), "A scrape of both", 60)
                await _use(Client(http), "bob@example.com")
                await smtp_sink.arrived(2)
            expressions = _expressions()
            until(lambda: not _empty(watch, expressions), "Answers to all", 60)
            assert len(expressions) > 30


async def _use(client: Client, email: str) -> None:
    await client.sign_up(email=email)
    await client.post("{ products { nodes { id } } }")
    await client.post('mutation { jobCancel(input: {id: "x"}) { job { id } } }')


def _empty(watch: Prometheus, expressions: list[str]) -> list[str]:
    """Those without an answer, or whose answer is no number."""
    answers = {expression: watch.query(expression) for expression in expressions}
    return [each for each, samples in answers.items() if not any(sample["value"][1] != "NaN" for sample in samples)]


def _expressions() -> list[str]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    written = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [expression.replace("$__rate_interval", "5m") for expression in written]
