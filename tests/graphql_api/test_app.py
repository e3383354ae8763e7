"""How a process of the API is put together."""

import subprocess
import sys

from settings.config import Settings
from tests.support.worker import environment

COUNTING = """
import asyncio, gc
from graphql_api.app import from_environment

async def main():
    app = from_environment()
    print(gc.get_freeze_count())

asyncio.run(main())
"""


def test_what_a_process_starts_with_is_not_looked_through_for_garbage(settings: Settings) -> None:
    command = [sys.executable, "-c", COUNTING]
    run = subprocess.run(command, env=environment(settings), stdout=subprocess.PIPE, text=True, check=True)
    assert int(run.stdout.splitlines()[-1]) > 100_000
