"""One embedded server as a program, for Procfile.dev: `python -m tests.support.serve mongodb|redis|mailbox`.

It listens on the port that DB_URL, REDIS_URL or SMTP_URL names.
"""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from settings import config
from settings.config import Settings
from tests.support import locks
from tests.support.processes import Server, ServerError
from tests.support.servers import start_mailbox, start_mongodb, start_redis

STARTS: dict[str, Callable[[Settings], Server]] = {
    "mongodb": lambda settings: start_mongodb(Path("var/mongodb"), _port(settings.db_url)),
    "redis": lambda settings: start_redis(Path("var"), _port(settings.redis_url)),
    "mailbox": lambda settings: start_mailbox(settings.mailbox_dir, _port(settings.smtp_url)),
}


def _port(url: str) -> int:
    return urlsplit(url).port or 0


def main(name: str) -> int:
    """Serve until SIGTERM, and then until api and worker have ended too."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    settings = config.load()
    locks.serve()
    try:
        with STARTS[name](settings) as server:
            return _serve(server, settings.stop_grace)
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _serve(server: Server, patience: float) -> int:
    sys.stdout.write(f"listening on {server.url}\n")
    sys.stdout.flush()
    try:
        sys.stderr.write(f"ended by itself with status {server.process.wait()}\n")
        return 1
    finally:
        locks.wait_for_users(patience)


def _end(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
