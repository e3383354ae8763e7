"""What generators make of `schema.graphql` and the examples: it compiles, with everything that strict compilers ask."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from clients.tools import FOLDER, HERE, npm_tool, python_tool, shortened

TYPESCRIPT, RELAY, PYTHON = HERE / "typescript", HERE / "relay", HERE / "python"


def typescript() -> str:
    """graphql-codegen with its client preset, and `tsc`."""
    generated = _emptied(TYPESCRIPT)
    npm_tool("graphql-codegen", "--silent", "--config", TYPESCRIPT / "codegen.yml")
    npm_tool("tsc", "--project", TYPESCRIPT)
    return f"{_lines(generated.glob('*.ts'))} lines of TypeScript compile"


def relay() -> str:
    """relay-compiler, and `tsc`: fragments, connections to page through, one to ask for again, updates of the store."""
    generated = _emptied(RELAY)
    npm_tool("relay-compiler", "--noWatchman", "--output", "quiet-with-errors", folder=RELAY)
    npm_tool("tsc", "--project", RELAY)
    return f"{len(list(generated.iterdir()))} artifacts, {_lines(generated.glob('*.ts'))} lines, compile"


def python() -> str:
    """ariadne-codegen, and mypy."""
    generated = _emptied(PYTHON)
    shortened("ariadne-codegen", [python_tool("ariadne-codegen"), "--config", PYTHON / "ariadne-codegen.toml"])
    options: list[str | Path] = ["--config-file", PYTHON / "mypy.ini", "--cache-dir", FOLDER / "mypy"]
    shortened("mypy", [sys.executable, "-m", "mypy", *options, PYTHON])
    return f"{_lines(generated.glob('*.py'))} lines of Python, which mypy --strict agrees with"


def _emptied(folder: Path) -> Path:
    """Where it is made, without what was made before."""
    generated = folder / "generated"
    shutil.rmtree(generated, ignore_errors=True)
    generated.mkdir()
    return generated


def _lines(files: Iterable[Path]) -> int:
    return sum(len(file.read_text().splitlines()) for file in files)
