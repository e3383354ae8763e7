"""A real Prometheus that scrapes the two programs every second, and what may be asked of it."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import Program, locate

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
REMEDY = "install Prometheus (Debian, Ubuntu: apt-get install --no-install-recommends prometheus)"
PROMETHEUS = Program("prometheus", (), REMEDY)
PROMTOOL = Program("promtool", (), REMEDY)


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples that an expression has now."""
        response = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=30).json()
        assert response["status"] == "success", response
        return list(response["data"]["result"])

    def rules(self) -> dict[str, dict[str, Any]]:
        """The rules by name: their `state`, `health` and `lastError`."""
        groups = httpx.get(f"{self.url}/api/v1/rules", timeout=30).json()["data"]["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    def fires(self, alert: str) -> bool:
        """Whether it does now."""
        return bool(self.rules()[alert]["state"] == "firing")

    def is_up(self, job: str) -> bool:
        """Whether a program is scraped."""
        return [sample["value"][1] for sample in self.query(f'up{{job="{job}"}}')] == ["1"]


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, int]) -> Iterator[Prometheus]:
    """Prometheus with our rules, for programs on these ports by the names of their jobs. No alert waits to fire."""
    port, config = free_port(), folder / "prometheus.yml"
    (folder / "rules.yml").write_text(re.sub(r"\bfor: \w+", "for: 0s", RULES.read_text()))
    config.write_text(json.dumps(_config(targets)))
    options = [
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    server = Server(f"http://127.0.0.1:{port}", spawn([locate(PROMETHEUS), *options], folder / "prometheus.log"))
    with server.await_start(lambda: accepts(port), folder / "prometheus.log"):
        yield Prometheus(server.url)
    shutil.rmtree(folder / "tsdb")


def _config(targets: Mapping[str, int]) -> dict[str, Any]:
    jobs = [{"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for job, port in targets.items()]
    timing = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    return {"global": timing, "rule_files": ["rules.yml"], "scrape_configs": jobs}
