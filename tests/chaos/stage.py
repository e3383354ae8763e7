"""Everything a chaos run stands on: stores and mail server of its own, and our two programs, one of them twice."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from anyio.from_thread import BlockingPortal, start_blocking_portal
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import AutoReconnect
from redis import Redis

from settings import config
from settings.config import AppEnv, Settings
from tests.chaos.mail import MailServer, mail_server
from tests.chaos.program import Program
from tests.support.processes import Server, free_port
from tests.support.servers import start_mongodb, start_redis

_WORKERS = 2
_API_PROCESSES = 2
_QUICK_ELECTION = 2


@dataclass
class Stage:
    """What the faults take hold of. `folder` holds the journals and the logs."""

    folder: Path
    portal: BlockingPortal
    mail: MailServer
    mongodb: Server
    redis: Server
    api: Program
    workers: list[Program]

    @property
    def settings(self) -> Settings:
        """Those of the API."""
        return self.api.settings

    @property
    def url(self) -> str:
        """Where the API listens."""
        return f"http://127.0.0.1:{self.api.variables['PORT']}"

    def kill_mongodb(self) -> None:
        """End it as a power cut would."""
        self.mongodb.kill()

    def start_mongodb(self) -> None:
        """Start it with the same data at the same port."""
        self.mongodb = start_mongodb(self.folder / "mongodb", urlsplit(self.mongodb.url).port or 0)

    def step_down(self) -> None:
        """Make MongoDB's primary stop being one; the set elects anew."""
        with MongoClient(self.mongodb.url, directConnection=True) as client:  # type: ignore[var-annotated]
            try:
                client.admin.command("replSetStepDown", _QUICK_ELECTION, force=True)
            except AutoReconnect:  # MongoDB 4.0 and older hang up
                return

    def kill_redis(self) -> None:
        """End it."""
        self.redis.kill()

    def start_redis(self) -> None:
        """Start an empty one at the same port."""
        self.redis = start_redis(self.folder, urlsplit(self.redis.url).port or 0)

    def flush_redis(self) -> None:
        """Empty it."""
        with Redis.from_url(self.redis.url) as redis:
            redis.flushall()

    def programs(self) -> list[Program]:
        """All of ours."""
        return [self.api, *self.workers]


@contextmanager
def staged(folder: Path, worker: str = "tasks", arguments: tuple[str, ...] = ()) -> Iterator[Stage]:
    """A stage on which everything runs; `worker` is the module of the worker program. Nothing is left of it."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        mail = stack.enter_context(mail_server(portal, folder / "accepted"))
        mongodb, redis = start_mongodb(folder / "mongodb"), start_redis(folder)
        settings = _settings(mongodb, redis, mail)
        api = Program("graphql_api", "api ready", _logging_into(settings, folder / "api"), variables=_variables())
        workers = [
            Program(worker, "worker ready", _logging_into(settings, folder / f"worker-{number}"), arguments)
            for number in range(_WORKERS)
        ]
        stage = Stage(folder, portal, mail, mongodb, redis, api, workers)
        stack.callback(_clear, stage)
        for program in stage.programs():
            program.start()
        yield stage


def _settings(mongodb: Server, redis: Server, mail: MailServer) -> Settings:
    return config.Settings().model_copy(
        update={
            "app_env": AppEnv.PRODUCTION,
            "jwt_secret": SecretStr("a secret of the chaos run, 32 characters or more"),
            "db_url": mongodb.url,
            "redis_url": redis.url,
            "smtp_url": f"smtp://127.0.0.1:{mail.port}",
            "rate_limit_enabled": False,
        }
    )


def _logging_into(settings: Settings, folder: Path) -> Settings:
    folder.mkdir()
    update = {"log_dir": folder.resolve(), "storage_url": f"file://{(folder.parent / 'storage').resolve()}"}
    return settings.model_copy(update=update)


def _variables() -> dict[str, str]:
    return {"PORT": str(free_port()), "API_WORKERS": str(_API_PROCESSES), "RATE_LIMIT_ENABLED": "false"}


def _clear(stage: Stage) -> None:
    for program in stage.programs():
        program.clear()
    stage.redis.kill()
    stage.mongodb.kill()
    shutil.rmtree(stage.folder / "mongodb")  # hundreds of megabytes that nobody reads
