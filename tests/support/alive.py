"""Whether a program lives, asked as a container's health check asks it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.worker import ROOT

HEALTH_CHECK = ("python", "-m", "settings.alive")


def ask(folder: Path, command: Sequence[str] = HEALTH_CHECK) -> subprocess.CompletedProcess[str]:
    """What the health check says of the programs whose TMPDIR this folder is."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)


def make_old(folder: Path) -> list[int]:
    """Date the last sign of each process far back; their pids. Those that live give another within seconds."""
    signs = list(folder.glob("*/*.alive"))
    for sign in signs:
        os.utime(sign, (0, 0))
    return [int(sign.stem) for sign in signs]
