"""The tools, in virtual environments and a folder of packages of their own, as their locks say."""

import os
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

from audit.findings import FoundError, StillRunningError
from audit.stage import FOLDER
from graphql_api.pages.node import find_node

HERE = Path(__file__).parent
NODE = HERE / "node"
LINES = 150
"""What is shown at most of what a tool says that fails."""


def tool(name: str) -> Path:
    """A program of the tools; installed before it is first asked for, or when the lock has changed."""
    return installed(HERE / "requirements.lock", FOLDER / "tools") / name


def installed(lock: Path, folder: Path) -> Path:
    """The `bin` of a virtual environment with what this lock says: all of it by hash, and nothing else."""
    stamp, binaries = folder / lock.name, (folder / "bin").absolute()
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        pip: list[str | Path] = [binaries / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        run([*pip, "install", "--no-deps", "--require-hashes", "--requirement", lock])
        run([*pip, "check"])
        stamp.write_bytes(lock.read_bytes())
    return binaries


def node(script: str, *arguments: str, environment: Mapping[str, str]) -> str:
    """What this script of the folder `node` prints."""
    commands = find_node()
    run([*commands.npm, "install", "--no-save"], cwd=NODE)
    return run([*commands.node, NODE / script, *arguments], environment=environment)


def run(
    command: list[str | Path],
    seconds: float = 600,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    fine: tuple[int, ...] = (0,),
) -> str:
    """What it prints.

    Raises:
        FoundError: it ended with a status that is not fine.
        StillRunningError: it did not end in time.
    """
    try:
        done = subprocess.run(
            command,
            env=os.environ | (environment or {}),
            cwd=cwd,
            timeout=seconds,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StillRunningError(f"{Path(command[0]).name} did not end within {seconds:.0f} s", []) from None
    if done.returncode not in fine:
        lines = (done.stdout + done.stderr).splitlines()
        raise FoundError(f"{Path(command[0]).name} ended with status {done.returncode}", lines[-LINES:])
    return done.stdout
