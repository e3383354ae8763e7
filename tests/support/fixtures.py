"""The servers of a test run: one Redis for all, started before the first worker of xdist, and a MongoDB for each."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pymongo import MongoClient
from redis import Redis
from typing_extensions import override

from settings.config import AppEnv, Settings
from tests.support.databases import Databases
from tests.support.processes import Server, ServerError
from tests.support.servers import start_mongodb, start_redis
from tests.support.smtp import SmtpSink, smtp_sink

_SHARED = pytest.StashKey[dict[str, str]]()
_WORKER_DATABASES = 1000
_FORGETFUL = ("--setParameter", "minSnapshotHistoryWindowInSeconds=0", "--syncdelay", "5")
"""Have MongoDB close the files of a dropped database within seconds: by default it keeps them for five minutes, and a
whole run would end with too many open files."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the shared servers, once: the workers of xdist are told where they are."""
    config = session.config
    if hasattr(config, "workerinput"):
        config.stash[_SHARED] = config.workerinput["servers"]
        return
    folder = Path(tempfile.mkdtemp(prefix="postberry-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder))
    config.stash[_SHARED] = {
        "redis": _share(config, lambda: start_redis(folder)),
    }


def _share(config: pytest.Config, start: Callable[[], Server]) -> str:
    """The server's URL, or the sentence why there is none: only the tests that need it fail."""
    try:
        server = start()
    except ServerError as error:
        return str(error)
    config.add_cleanup(server.kill)  # its data go as well: no need to wait for good order
    return server.url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401  # xdist's WorkerController has no types
    """Tell a worker of xdist where the shared servers are."""
    node.workerinput["servers"] = node.config.stash[_SHARED]


def _url(config: pytest.Config, server: str) -> str:
    url = config.stash[_SHARED][server]
    if "://" not in url:
        pytest.fail(url, pytrace=False)
    return url


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the product does."""
    return "asyncio"


@pytest.fixture(scope="session")
def _mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A replica set for each worker of xdist: one for all would have more files open than a system allows."""
    server = start_mongodb(tmp_path_factory.mktemp("server") / "mongodb", options=_FORGETFUL)
    yield server
    server.kill()  # its data go as well: no need to wait for good order


@pytest.fixture(scope="session")
def _mongodb(_mongodb_server: Server) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](_mongodb_server.url) as client:
        yield client


@pytest.fixture(scope="session")
def _databases(_mongodb: MongoClient[dict[str, Any]], _mongodb_server: Server) -> Databases:
    return Databases(_mongodb, _mongodb_server.url)


@pytest.fixture
def mongodb_url(_databases: Databases) -> Iterator[str]:
    """The worker's replica set, with an empty database for this test alone."""
    url = _databases.take()
    yield url
    _databases.give_back(url)


@pytest.fixture(scope="session")
def _redis_databases(worker_id: str) -> Iterator[int]:
    first = int(worker_id.removeprefix("gw").replace("master", "0")) * _WORKER_DATABASES
    return itertools.cycle(range(first, first + _WORKER_DATABASES))


@pytest.fixture
def redis_url(_redis_databases: Iterator[int], request: pytest.FixtureRequest) -> Iterator[str]:
    """The shared Redis, with a database for this test alone. FLUSHALL, SIGSTOP: only on a `redis_server`."""
    url = f"{_url(request.config, 'redis').removesuffix('/0')}/{next(_redis_databases)}"
    yield url
    with Redis.from_url(url) as client:
        client.flushdb()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Server]:
    """A Redis of this test's own, to flush, freeze or kill."""
    with start_redis(tmp_path) as server:
        yield server


@pytest.fixture
def mongodb_server(tmp_path: Path) -> Iterator[Server]:
    """A replica set of this test's own, to freeze or kill."""
    with start_mongodb(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture(name="smtp_sink")
def _smtp_sink() -> Iterator[SmtpSink]:
    """A mail server of this test's own."""
    with smtp_sink() as sink:
        yield sink


class IsolatedSettings(Settings):
    """Settings in which the environment of whoever runs the tests has no say."""

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@pytest.fixture(scope="session")
def _any_settings() -> Settings:
    """Looked through once: to do so for each test took as long as many a test takes."""
    return IsolatedSettings(
        app_env=AppEnv.TEST,
        db_url="mongodb://127.0.0.1/tests",
        redis_url="redis://127.0.0.1/0",
        smtp_url="smtp://127.0.0.1:25",
        jwt_secret=SecretStr("a secret of the tests, 32 characters or more"),
        shutdown_grace=0.2,
        cron_enabled=False,  # no test finds jobs it did not ask for
        executor=os.environ.get("EXECUTOR") or "compiled",
    )


@pytest.fixture
def settings(
    _any_settings: Settings, mongodb_url: str, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> Settings:
    """Settings that lead to this test's servers and folder. Vary them with `settings.model_copy(update=...)`.

    EXECUTOR alone is as the environment says: everything holds with either.
    """
    own = {
        "db_url": mongodb_url,
        "redis_url": redis_url,
        "smtp_url": smtp_sink.url,
        "storage_url": f"file://{tmp_path / 'storage'}",
        "mailbox_dir": tmp_path / "mailbox",
        "log_dir": tmp_path / "logs",
    }
    return _any_settings.model_copy(update=own)
