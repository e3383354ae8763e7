"""A developer's checkout of the project for a test to change: its files and a `.venv` that is complete."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.worker import ROOT

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".env*.local", ".env", ".env.production", ".*_cache", ".hypothesis", "__pycache__", "node_modules",
    "var", "backups", "static", "*.log*", "sbom.json",
)  # fmt: skip
_BEING_WRITTEN = shutil.ignore_patterns("*-journal", "*-wal", "*-shm")
"""What belongs to a run of mypy that is under way."""

_FOREIGN = ("PYTEST_", "VIRTUAL_ENV", "MAKE", "MFLAGS")
"""Variables of the run that makes the checkout, which are none of its own."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the project in a folder of its own."""

    folder: Path

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """What a script of Bash says there; it ends at the first command that fails."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        argv = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(
            argv, cwd=self.folder, env=own | variables, capture_output=True, text=True, check=False, timeout=230
        )

    def succeed(self, script: str, **variables: str) -> str:
        """The same, for what ends well."""
        done = self.run(script, **variables)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def text(self, path: str) -> str:
        """What stands in a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders above it."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def texts(self) -> dict[str, bytes]:
        """Every file of the schema, of its tests and of what they are hooked into."""
        places = ("graphql_api", "schema", "tests", "examples", "pyproject.toml", "schema.graphql")
        found = (path for place in places for path in [self.folder / place, *(self.folder / place).rglob("*")])
        files = (path for path in found if path.is_file() and path.suffix != ".pyc")
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


def checked_out(folder: Path) -> Checkout:
    """A copy of the project as it stands now; with what mypy knows of it, where it has run."""
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache", ignore=_BEING_WRITTEN)
    venv = folder / ".venv"
    venv.mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name != ".installed":
            (venv / path.name).symlink_to(path)
    (venv / ".installed").touch()
    return Checkout(folder)
