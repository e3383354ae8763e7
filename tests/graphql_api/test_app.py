"""What is made once in each process of the API."""

import subprocess
import sys

from settings.config import Settings
from tests.support.worker import environment

MAKE = """
import asyncio, gc
from graphql_api.app import from_environment

async def made():
    from_environment()
    print(gc.get_freeze_count())

asyncio.run(made())
"""


def test_what_is_there_from_the_start_is_not_looked_through_for_garbage(settings: Settings) -> None:
    command = [sys.executable, "-c", MAKE]
    made = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=True)
    assert int(made.stdout.splitlines()[-1]) > 100_000
