"""The worker program as an operator starts it, and what its log says of it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from settings.config import Settings
from tests.support.processes import Server, spawn
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that give a program these settings."""
    return {
        **{name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "APP_ENV": settings.app_env.value,
        "DB_URL": settings.db_url,
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "SMTP_CONNECTIONS": str(settings.smtp_connections),
        "WORKER_CONCURRENCY": str(settings.worker_concurrency),
        "WORKER_PROCESSES": str(settings.worker_processes),
        "API_WORKERS": str(settings.api_workers),
        "METRICS_PORT": str(settings.metrics_port),
        "METRICS_TOKEN": settings.metrics_token.get_secret_value(),
        "WORKER_DRAIN_TIMEOUT": str(settings.worker_drain_timeout),
        "SHUTDOWN_TIMEOUT": str(settings.shutdown_timeout),
        "SHUTDOWN_GRACE": str(settings.shutdown_grace),
        "STOP_GRACE": str(settings.stop_grace),
        "START_TIMEOUT": str(settings.start_timeout),
        "STORAGE_URL": settings.storage_url,
        "LOG_DIR": str(settings.log_dir),
        "CRON_ENABLED": str(settings.cron_enabled),
        "RATE_LIMIT_ENABLED": str(settings.rate_limit_enabled),
        "RATE_LIMITS": settings.rate_limits,
        "QUERY_BUDGET": str(settings.query_budget),
        "QUERY_BUDGET_RESTORE": str(settings.query_budget_restore),
        "SOCKET_MAX_PER_CLIENT": str(settings.socket_max_per_client),
        "QUERY_MAX_ERRORS": str(settings.query_max_errors),
        "SALES_REPORT_TO": ",".join(settings.sales_report_to),
        "OTEL_EXPORTER_OTLP_ENDPOINT": settings.otel_exporter_otlp_endpoint,
        "TRUSTED_DOCUMENTS": str(settings.trusted_documents or ""),
        "PERSISTED_QUERIES": str(settings.persisted_queries),
        "EXECUTOR": settings.executor,
        "ANSWER_CACHE_ENABLED": str(settings.answer_cache_enabled),
        "ALLOW_DEBUG": str(settings.allow_debug),
        "PUBLIC_URL": settings.public_url,
        "TRUSTED_PROXIES": ",".join(settings.trusted_proxies),
        "JWT_SECRET": settings.jwt_secret.get_secret_value(),
    }


@contextmanager
def running_worker(settings: Settings, python: str | Path = sys.executable) -> Iterator[Server]:
    """`python -m tasks`, once it is ready."""
    before = len(ready_pids(settings))
    with starting_worker(settings, python) as server:
        yield server.await_start(lambda: len(ready_pids(settings)) > before, _console(settings))


@contextmanager
def starting_worker(settings: Settings, python: str | Path = sys.executable) -> Iterator[Server]:
    """The same, perhaps not yet ready. Nothing of it is left at the end; the server's `url` is of no use."""
    command, folder = [python, "-m", "tasks"], settings.log_dir.parent
    server = Server("the worker", spawn(command, _console(settings), environment(settings), folder))
    try:
        yield server
        server.stop()
    finally:
        kill_tree(server)


def _console(settings: Settings) -> Path:
    return settings.log_dir.parent / "worker.log"


def kill_tree(server: Server) -> None:
    """End the program and all its children as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.process.wait()


def ready_pids(settings: Settings) -> list[int]:
    """The process ids of the worker processes that ever got ready, oldest first."""
    return [int(str(line["pid"])) for line in logged(settings) if line["event"] == "worker ready"]


def logged(settings: Settings) -> list[dict[str, object]]:
    """Every line of the program's log so far."""
    log = settings.log_dir / "app.log"
    return [orjson.loads(line) for line in log.read_bytes().split(b"\n")[:-1]] if log.exists() else []


def await_log(settings: Settings, event: str, times: int = 1, deadline: float = 60) -> None:
    """Return once the program has logged this, so many times."""
    until(lambda: [line["event"] for line in logged(settings)].count(event) >= times, f"'{event}' in the log", deadline)
