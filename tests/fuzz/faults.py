"""Faults planted in a copy of the compiler: a comparison that finds none of them proves nothing.

`python -m tests.fuzz.faults torture` looks for one in whatever code it is run on, and ends with status 1 at the first
difference.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from settings import config
from settings.config import Settings
from tests.fuzz.exploring import be_quiet, explored
from tests.support.worker import ROOT, environment

MOST = 4
"""How many times as many documents are tried as are made in one go."""

EXECUTION = Path("graphql_api/execution")
_LINKED = ("schema", "settings", "tasks", "tests", "pyproject.toml")
_FOUND = re.compile(r"found after ([0-9,]+) documents")


@dataclass(frozen=True)
class Fault:
    """A line of the compiler, what stands there in its place, and the schema that has to show it."""

    name: str
    module: str
    sound: str
    broken: str
    subject: str

    def planted(self, code: str) -> str:
        """The module's code with the fault.

        Raises:
            LookupError: the line is not there, or not once: the fault has to follow the code.
        """
        if code.count(self.sound) != 1:
            raise LookupError(f"{self.name}: {self.module} has no such line any more, or several: {self.sound}")
        return code.replace(self.sound, self.broken)


FAULTS = (
    Fault(
        "what @skip and @include leave out for one request is left out for all",
        "plan.py",
        "which = tuple(value if value is None else bool(value) for value in values.values())",
        "which = ()",
        "torture",
    ),
    Fault(
        "a null that comes late stops at the next place, though there may be none",
        "positions.py",
        "while position is not None and not position[3]:",
        "if position is not None and not position[3]:",
        "torture",
    ),
    Fault(
        "of an object selected in several fragments only the first one's fields are there",
        "compiler.py",
        "collect_subfields(self.schema, self.details, self.conditions, self.operation, kind, details)",
        "collect_subfields(self.schema, self.details, self.conditions, self.operation, kind, details[:1])",
        "torture",
    ),
    Fault(
        "the path of an error has no places in lists",
        "positions.py",
        "return keys[::-1]",
        "return [key for key in keys[::-1] if isinstance(key, str)]",
        "torture",
    ),
    Fault(
        "the rows of a list get each other's related documents",
        "fields.py",
        "return await self._relation.of(info_of(0), [source for source, _ in holes], info_of)",
        "return (await self._relation.of(info_of(0), [source for source, _ in holes], info_of))[::-1]",
        "shop",
    ),
)


def search(fault: Fault, stage: Settings) -> int | None:
    """After how many documents it is found; None: it is not."""
    with _planted(fault) as folder:
        variables = os.environ | environment(stage) | {"PYTHONPATH": str(folder)}
        command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.faults", fault.subject]
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    found = _FOUND.search(done.stdout)
    if done.returncode not in {0, 1} or (done.returncode == 1) != bool(found):
        raise RuntimeError(f"{fault.name}: the search failed\n{done.stderr}")
    return int(found[1].replace(",", "")) if found else None


@contextmanager
def _planted(fault: Fault) -> Iterator[Path]:
    """A folder with all of our code, in which the fault is."""
    with TemporaryDirectory(prefix="postberry-fuzz-") as name:
        folder = Path(name)
        shutil.copytree(
            ROOT / "graphql_api", folder / "graphql_api", ignore=shutil.ignore_patterns("static", "node_modules")
        )
        for linked in _LINKED:
            (folder / linked).symlink_to(ROOT / linked)
        module = folder / EXECUTION / fault.module
        module.write_text(fault.planted(module.read_text()))
        yield folder


def main(subject: str) -> int:
    """1 if two answers differ."""
    be_quiet()
    stage, documents = config.load(), 0
    for number in range(MOST):
        tally = explored(subject, stage, number)
        documents += len(tally.seen)
        if tally.difference:
            sys.stdout.write(f"found after {documents:,} documents\n{tally.difference}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
