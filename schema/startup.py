"""What both programs do before they serve: find their stores, and make in them what is missing.

`python -m schema.startup` makes the indexes and nothing else, before a new version is rolled out.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from logging import ERROR, WARNING

import structlog
from obstore.exceptions import BaseError
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from schema import indexes
from schema.database import Database, UnusableDatabaseError, connect_within
from schema.storage import Storage
from settings import config, logging, tracing
from settings.config import EXIT_BAD_SETTINGS, Settings
from settings.doubts import doubts
from settings.redis_client import FAILURES, Patience, explained, open_redis

REDIS_SECONDS = 1.0
"""How long Redis may take to answer: it is not needed."""

REDIS_AWAY = "redis is away, going on without"

_REFUSED = {13, 18}
"""MongoDB's codes of a user who may not, or is not known."""

log = structlog.get_logger(__name__)


def prepare(settings: Settings, program: str) -> int:
    """0 once the stores can be used, else the exit status: 78, the settings are to be mended; 75, try again later.

    The log has a line for each step. A signal ends it with status 0.
    """
    log.info("settings read", app_env=settings.app_env.value)
    for sentence in doubts(settings):
        log.warning(sentence)
    log.info("logging", folder=str(settings.log_dir), level=settings.log_level)
    return _check_storage(settings) or _check_tracing(settings, program) or _run(_check_stores(settings, program))


def _run(work: Coroutine[None, None, int], interrupted: int = 0) -> int:
    async def until_told_to_end() -> int:
        loop, task = asyncio.get_running_loop(), asyncio.create_task(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        return await task

    try:
        return asyncio.run(until_told_to_end())
    except asyncio.CancelledError:
        log.info("told to end before the start was over")
        raise SystemExit(interrupted) from None


def _check_storage(settings: Settings) -> int:
    try:
        Storage(settings.storage_url)
    except (OSError, BaseError) as error:
        log.critical("cannot start, no files can be kept: see STORAGE_URL", error=str(error)[:500])
        return EXIT_BAD_SETTINGS
    log.info("storage can be used")
    return 0


def _check_tracing(settings: Settings, program: str) -> int:
    try:
        tracing.check(settings, program)
    except ValueError as error:
        log.critical("cannot start, nothing can be traced: see the OTEL_ variables", error=str(error)[:500])
        return EXIT_BAD_SETTINGS
    return 0


async def _check_stores(settings: Settings, program: str) -> int:
    try:
        await _prepare_stores(settings, program)
    except UnusableDatabaseError as error:
        log.critical("cannot start", error=str(error))
        return EXIT_BAD_SETTINGS
    except PyMongoError as error:
        log.critical("cannot start, MongoDB does not answer: see DB_URL", error=str(error)[:500])
        refused = isinstance(error, OperationFailure) and error.code in _REFUSED
        return EXIT_BAD_SETTINGS if refused or isinstance(error, ConfigurationError) else os.EX_TEMPFAIL
    return 0


async def _prepare_stores(settings: Settings, program: str) -> None:
    began = time.monotonic()
    database = await connect_within(settings.start_timeout, settings.db_url, app_name=f"postberry-{program}")
    try:
        log.info("mongodb reached", milliseconds=_since(began))
        await _check_redis(settings.redis_url)
        await _create_indexes(database)
    finally:
        await database.close()


async def _create_indexes(database: Database) -> None:
    began = time.monotonic()
    await indexes.create(database)
    log.info("indexes are there", milliseconds=_since(began))


async def _check_redis(url: str) -> None:
    began, redis, patience = time.monotonic(), open_redis(url), Patience(REDIS_SECONDS, at_once=1)
    try:
        await patience.wait(redis.ping)
    except FAILURES as error:
        is_untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        event = "redis is not trusted, going on without: see REDIS_URL" if is_untrusted else REDIS_AWAY
        log.log(ERROR if is_untrusted else WARNING, event, error=explained(error))
    else:
        log.info("redis reached", milliseconds=_since(began))
    finally:
        await patience.close()
        await redis.aclose()


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def main() -> int:
    """Make the indexes that are missing. The exit statuses are those of the programs; told to end before: 75."""
    settings = config.load()
    logging.configure(settings, "indexes")
    return _run(_check_stores(settings, "indexes"), interrupted=os.EX_TEMPFAIL)


if __name__ == "__main__":
    sys.exit(main())
