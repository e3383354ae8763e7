"""Bundles what a page loads, once for each state of its sources."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from graphql_api.pages.node import Node, NoNodeError, find_node
from graphql_api.pages.packed import pack

STAMP = ".stamp"
"""The file in a bundle that tells of which sources it was made."""


class BuildError(Exception):
    """Why a page cannot be built, in sentences for the user."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A page's sources in `folder`, where `node bundle.mjs FOLDER` bundles them, and what they become: `static`."""

    name: str
    target: str
    """Of `make`."""

    folder: Path
    static: Path
    inputs: tuple[str, ...]
    """All that the bundle is made of, below `folder` or beside it."""

    def build(self, path: str | None = None) -> bool:
        """Bring `static` up to date and say whether there was anything to do; commands are looked up in `path`.

        Raises:
            BuildError: it could not be done; what was there before is left as it was.
        """
        fingerprint = self._fingerprint()
        stamp = self.static / STAMP
        if stamp.is_file() and stamp.read_text() == fingerprint:
            return False
        node = self._find_node(path)
        self._run([*node.npm, "ci"], self._no_packages)
        self._bundle(node, fingerprint)
        return True

    def main(self) -> None:
        """Build, or say why that cannot be, with exit status 1."""
        try:
            done = self.build()
        except BuildError as error:
            raise SystemExit(str(error)) from None
        sys.stdout.write(f"{self.name} is {'built' if done else 'up to date'}.\n")

    @property
    def _no_packages(self) -> str:
        return (
            f"{self.name} is not built: npm could not install its packages, most often because it cannot reach its "
            f"registry. The API runs without {self.name}; `make {self.target}` tries again."
        )

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name in self.inputs:
            digest.update(hashlib.sha256(name.encode()).digest())
            digest.update(hashlib.sha256((self.folder / name).read_bytes()).digest())
        return digest.hexdigest()

    def _find_node(self, path: str | None) -> Node:
        try:
            return find_node(path)
        except NoNodeError as error:
            remedy = f"The API runs without {self.name}; with either, run `make {self.target}`."
            raise BuildError(f"{self.name} is not built. {error} {remedy}") from None

    def _bundle(self, node: Node, fingerprint: str) -> None:
        """Bundle beside `static` and swap the two, so that an interrupted build leaves the old one whole."""
        with tempfile.TemporaryDirectory(dir=self.folder / "node_modules") as parent:
            bundled = Path(parent) / "static"
            self._run([*node.node, "bundle.mjs", str(bundled)], self._no_bundle)
            pack(bundled)
            (bundled / STAMP).write_text(fingerprint)
            if self.static.exists():
                self.static.rename(Path(parent) / "old")
            bundled.rename(self.static)

    @property
    def _no_bundle(self) -> str:
        return f"{self.name} is not built: bundling failed, for the reason above."

    def _run(self, command: list[str], complaint: str) -> None:
        done = subprocess.run(command, cwd=self.folder, stdout=sys.stderr, check=False)  # noqa: S603  (our own commands)
        if done.returncode:
            raise BuildError(complaint)


def sources(folder: Path, without: Iterable[str]) -> tuple[str, ...]:
    """All files below a folder, but for those in the folders named, by their paths below it."""
    left_out = tuple(folder / each for each in without)
    files = (path for path in folder.rglob("*") if path.is_file() and not _is_below(path, left_out))
    return tuple(sorted(path.relative_to(folder).as_posix() for path in files))


def _is_below(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(each) for each in folders)
