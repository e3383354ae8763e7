"""What workers are scaled by, as a real Prometheus answers prometheus-adapter."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from schema.database import Database
from settings.config import Settings
from tests.alerts.prometheus import prometheus
from tests.support.application import running_api
from tests.support.jobs import owe, set_due
from tests.support.manifests import of_kind, read
from tests.support.waiting import until


@pytest.mark.anyio
async def test_a_job_that_waits_too_long_asks_for_more_workers(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    (metric,) = of_kind("HorizontalPodAutoscaler")["postberry-worker"]["spec"]["metrics"]
    (rule,) = read("monitoring/adapter.yaml")[0]["rules"]["external"]
    matched = rule["metricsQuery"].replace("<<.LabelMatchers>>", 'job="postberry-api"')
    query, target = matched.replace("<<.Series>>", rule["seriesQuery"]), metric["external"]["target"]["value"]
    with running_api(settings) as api, prometheus(tmp_path, {"postberry-api": urlsplit(api.url).port or 0}) as watch:
        until(lambda: watch.query(f"{query} == 0"), "A queue that is empty", 60)
        await set_due(database, await owe(database), -120)
        until(lambda: watch.query(f"{query} > {target}"), "A queue that is too old", 60)
