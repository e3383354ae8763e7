"""Wait until the embedded MongoDB can be used, then become the given program.

For Procfile.dev: `python -m tests.support.after_servers python -m graphql_api`. The servers stop only when every
program started this way has ended, so that Ctrl-C does not take the database from a job that is being finished.
"""

import os
import sys
from urllib.parse import urlsplit

from settings import config
from tests.support import locks, replica_set
from tests.support.waiting import until

EMBEDDED = "EMBEDDED_SERVERS"
"""The environment variable in which the runner says which servers it started."""


def main(argv: list[str]) -> None:
    """Take the place among the users of the servers, wait, and exec."""
    locks.use_servers()
    if "mongodb" in os.environ.get(EMBEDDED, "").split():
        _wait_for_mongodb(urlsplit(config.load().db_url).port or 0)
    os.execvp(argv[0], argv)  # noqa: S606  # the program is the Procfile's


def _wait_for_mongodb(port: int) -> None:
    with replica_set.connect(port) as client:
        until(lambda: replica_set.is_primary(client, port), "MongoDB", deadline=60)


if __name__ == "__main__":
    main(sys.argv[1:])
