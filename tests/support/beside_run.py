"""A command beside `make run`, with its MongoDB: `python -m tests.support.beside_run python -m schema.users.admin …`.

Only in development, and where no DB_URL is set: else, and when nothing runs in this folder, the command is on its own.
"""

import os
import sys

from settings import config
from settings.config import AppEnv
from tests.support import last_run


def main(argv: list[str]) -> None:
    """Say which MongoDB it is, and become the command."""
    settings = config.load()
    is_open = settings.app_env is AppEnv.DEVELOPMENT and "db_url" not in settings.model_fields_set
    if is_open and (url := last_run.url_beside("db_url")):
        sys.stderr.write(f"With the MongoDB of make run: {url}\n")
        os.environ["DB_URL"] = url
    os.execvp(argv[0], argv)  # noqa: S606  # the program is the Makefile's


if __name__ == "__main__":
    main(sys.argv[1:])
