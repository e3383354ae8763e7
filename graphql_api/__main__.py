"""`python -m graphql_api`: the API program."""

import asyncio
import os
import sys

import structlog
from obstore.exceptions import BaseError
from pymongo.errors import PyMongoError
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from graphql_api.keepalive import WebSocketProtocol
from graphql_api.request import MOST_BYTES
from schema.database import NoReplicaSetError, connect
from schema.storage import Storage
from settings import config, logging
from settings.config import Settings
from settings.sharing import shared_metrics

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 75
"""How long a quiet connection is kept: longer than proxies and clients keep it, who would meet a closed one."""


def server(settings: Settings) -> Config:
    """Uvicorn's options. Forwarded headers are read from TRUSTED_PROXIES alone; requests are logged by us."""
    return Config(
        "graphql_api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.api_workers,
        ws=WebSocketProtocol,
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,  # short messages gain nothing, and each socket would pay with its memory
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.shutdown_timeout),
    )


def check_storage(settings: Settings) -> int:
    """0 when files can be kept, as far as can be told without a connection; the same otherwise."""
    try:
        Storage(settings.storage_url)
    except (OSError, BaseError) as error:
        log.critical("api cannot start, no files can be kept: see STORAGE_URL", error=str(error)[:500])
        return config.EXIT_BAD_SETTINGS
    return 0


async def check_database(settings: Settings) -> int:
    """0 when MongoDB is there and can be used, else the exit status; the log says why in one line."""
    try:
        await (await connect(settings.db_url, app_name="postberry-api")).close()
    except NoReplicaSetError as error:
        log.critical("api cannot start", error=str(error))
        return config.EXIT_BAD_SETTINGS
    except PyMongoError as error:
        log.critical("api cannot start, MongoDB does not answer: see DB_URL", error=str(error)[:500])
        return os.EX_TEMPFAIL
    return 0


def main() -> None:
    """Run until a signal ends it; a process that dies is replaced, also when it is the only one."""
    settings = config.load()
    logging.configure(settings, "api")
    if status := check_storage(settings) or asyncio.run(check_database(settings)):
        sys.exit(status)
    options = server(settings)
    supervisor = Multiprocess(options, sockets=[options.bind_socket()])
    with shared_metrics():
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(os.EX_TEMPFAIL)


if __name__ == "__main__":
    main()
