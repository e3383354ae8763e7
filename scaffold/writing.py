"""Writes all of a slice or, if the tools that finish it find fault, nothing."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scaffold.names import Refused

_SDL = Path("schema.graphql")


def write(plan: Mapping[Path, str]) -> None:
    """Write these files, in order and with the schema they make; Refused, and all as it was, if that fails."""
    before = {path: path.read_text("utf-8") if path.exists() else None for path in [*plan, _SDL]}
    try:
        for path, text in plan.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        _finish([str(path) for path in plan if path.suffix == ".py"])
    except BaseException:
        _undo(before)
        raise


def _finish(modules: list[str]) -> None:
    _run("ruff", "check", "--quiet", "--select", "I", "--fix", *modules)
    _run("ruff", "format", "--quiet", *modules)
    _run("graphql_api.schema", "--write")


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"Nothing is changed, because {module} found fault:\n{done.stdout}{done.stderr}".rstrip())


def _undo(before: Mapping[Path, str | None]) -> None:
    for path, text in before.items():
        if text is not None:
            path.write_text(text, "utf-8")
            continue
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(each.name != "__pycache__" for each in path.parent.iterdir()):
            _remove(path.parent)


def _remove(folder: Path) -> None:
    """A folder of which nothing is left but what Python compiled."""
    for compiled in folder.glob("__pycache__/*"):
        compiled.unlink()
    for each in (*folder.iterdir(), folder):
        each.rmdir()
