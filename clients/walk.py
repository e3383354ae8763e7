"""The examples, in the order of `examples/walk.toml`: what is sent, by whom, and what is kept of the answer."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

EXAMPLES = Path("examples")
OPERATIONS = EXAMPLES / "operations"

_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Step:
    """An operation, sent once: with the token of `who`. `keep` has what later steps want, by paths in the data."""

    operation: str
    who: str
    variables: dict[str, Any]
    keep: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    """What is uploaded with it."""

    or_code: str = ""
    """The code of a refusal that is as good."""

    @property
    def document(self) -> str:
        """The text of the operation."""
        return (OPERATIONS / f"{self.operation}.graphql").read_text()

    @property
    def is_subscription(self) -> bool:
        """Whether it wants a WebSocket."""
        return re.search(r"^subscription ", self.document, re.MULTILINE) is not None

    def kept(self, data: Any) -> dict[str, str]:  # noqa: ANN401  (whatever was answered)
        """What later steps want of this answer."""
        return {name: at(data, path) for name, path in self.keep.items()}


@dataclass(frozen=True)
class Folder:
    """Steps that belong together."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Walk:
    """All of it: what variables there are at the beginning, and why a root field is in no step."""

    folders: tuple[Folder, ...]
    variables: Mapping[str, str]
    left_out: Mapping[str, str]

    @property
    def steps(self) -> list[Step]:
        """One after the other."""
        return [step for folder in self.folders for step in folder.steps]


def read() -> Walk:
    """The walk as it is written down."""
    written = tomllib.loads((EXAMPLES / "walk.toml").read_text())
    folders = tuple(_folder(each) for each in written["folders"])
    return Walk(folders, written["variables"], written["left_out"])


def filled(variables: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The variables of a step, with what was kept in place of each {{name}}.

    Raises:
        KeyError: a name that nothing was kept under.
    """
    text = _PLACE.sub(lambda place: json.dumps(values[place[1]])[1:-1], json.dumps(variables))
    return dict(json.loads(text))


def named(text: str) -> list[str]:
    """What stands between braces in it."""
    return _PLACE.findall(text)


def at(data: Any, path: str) -> str:  # noqa: ANN401  (whatever was answered)
    """What stands at a path like `me.sessions.nodes.0.id`."""
    return str(reduce(lambda part, key: part[int(key) if isinstance(part, list) else key], path.split("."), data))


def _folder(written: dict[str, Any]) -> Folder:
    return Folder(written["name"], tuple(_step(each, written["as"]) for each in written["steps"]))


def _step(written: dict[str, Any], who: str) -> Step:
    name = written["operation"]
    beside = OPERATIONS / f"{name}.json"
    variables = written.get("variables") or (json.loads(beside.read_text()) if beside.exists() else {})
    file = EXAMPLES / written["file"] if "file" in written else None
    return Step(name, written.get("as", who), variables, written.get("keep", {}), file, written.get("or", ""))
