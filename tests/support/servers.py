"""The embedded servers of `make run` and of the tests: real ones, on 127.0.0.1, with nothing installed.

Each function starts one and returns when it can be used. Start them from the main thread: they die with it.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.support import replica_set
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import MONGOD, REDIS_SERVER, locate

REDIS_DATABASES = 8192


def start_mongodb(
    data_dir: Path,
    port: int = 0,
    database: str = "postberry",
    options: Sequence[str] = (),
    cache_gigabytes: float = 0.25,
) -> Server:
    """A MongoDB replica set of one node that keeps its data in `data_dir`; its log is beside it."""
    port = port or free_port()
    server = spawn_mongod(data_dir, port, database, options, cache_gigabytes)
    with replica_set.connect(port) as client:
        return server.await_start(lambda: replica_set.become_primary(client, port), data_dir.with_suffix(".log"))


def spawn_mongod(
    data_dir: Path,
    port: int,
    database: str = "postberry",
    options: Sequence[str] = (),
    cache_gigabytes: float = 0.25,
) -> Server:
    """One node of a set that is yet to be made, and may not listen yet."""
    data_dir.mkdir(parents=True, exist_ok=True)
    cache = ["--wiredTigerCacheSizeGB", str(cache_gigabytes)]
    command: list[str | Path] = [locate(MONGOD), *_mongod_options(data_dir, port), *cache, *options]
    process = spawn(command, data_dir.with_suffix(".log"))
    _allow_files(process)
    url = f"mongodb://127.0.0.1:{port}/{database}?replicaSet={replica_set.NAME}"
    return Server(url, process, (data_dir / "mongod.lock", data_dir / "WiredTiger.lock"))


def _mongod_options(data_dir: Path, port: int) -> list[str]:
    listen = ["--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"]
    quiet = ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    quiet += ["--setParameter", "transactionLifetimeLimitSeconds=15"]  # what a killed program held is free again
    quiet += ["--wiredTigerEngineConfigString", "log=(file_max=20MB,prealloc=false)"]  # not 300 MB before a first write
    return ["--replSet", replica_set.NAME, "--dbpath", str(data_dir), *listen, *quiet]


def _allow_files(process: subprocess.Popen[bytes]) -> None:
    """Let it open as many as the system has: each collection and each index is a file, and many shells allow 1,024."""
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (most, most))


def start_redis(log_dir: Path, port: int = 0, options: Sequence[str] = (), password: str | None = None) -> Server:
    """A Redis that keeps nothing on disk but its log."""
    port = port or free_port()
    log = log_dir / "redis.log"
    listen = ["--bind", "127.0.0.1", "--port", str(port), "--databases", str(REDIS_DATABASES)]
    secret = ["--requirepass", password, "--masterauth", password] if password else []
    quiet = ["--save", "", "--appendonly", "no", "--dir", str(log_dir)]  # where a replica puts what it is sent
    log_dir.mkdir(parents=True, exist_ok=True)
    process = spawn([locate(REDIS_SERVER), *listen, *quiet, *secret, *options], log)
    who = f":{password}@" if password else ""
    return Server(f"redis://{who}127.0.0.1:{port}/0", process).await_start(lambda: pings(port, password), log)


def pings(port: int, password: str | None = None) -> bool:
    """Whether a Redis, or a sentinel, answers on this port."""
    with Redis(host="127.0.0.1", port=port, password=password) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


def start_mailbox(mailbox_dir: Path, port: int = 0) -> Server:
    """An SMTP server that stores what it does not refuse in the Maildir `mailbox_dir`."""
    port = port or free_port()
    mailbox_dir.parent.mkdir(parents=True, exist_ok=True)
    log = mailbox_dir.with_suffix(".log")
    program = [sys.executable, "-m", "aiosmtpd", "-n", "-u", "-l", f"127.0.0.1:{port}"]
    process = spawn([*program, "-c", "tests.support.refusals.RefusingMailbox", str(mailbox_dir)], log)
    return Server(f"smtp://127.0.0.1:{port}", process).await_start(lambda: accepts(port), log)
