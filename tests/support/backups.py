"""Dumping and restoring for the tests, as an operator does it."""

import asyncio
import sys
from pathlib import Path

from settings.config import Settings
from tests.support.worker import ROOT, environment


async def backup(settings: Settings, *arguments: str | Path) -> tuple[int, str]:
    """The status of `python -m schema.backup`, and all it said."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schema.backup", *map(str, arguments)),
        cwd=ROOT,
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    return program.returncode or 0, said.decode()


async def succeed(settings: Settings, *arguments: str | Path) -> str:
    """What it said when all went well."""
    status, said = await backup(settings, *arguments)
    assert status == 0, said
    return said
