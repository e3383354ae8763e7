"""The commands of our documents: what stands in their blocks of sh, by the heading above."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.worker import ROOT

DOCUMENTS = (
    "README.md",
    "DEPLOYMENT-NOTES.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "QUERY-ENGINE.md",
    "SECURITY-REPORT.md",
)
_PART = re.compile(
    r"^(?P<hashes>#+) (?P<heading>[^\n]*)$|^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of sh: its document, the heading of the second level that it stands under, and its text."""

    document: str
    heading: str
    text: str

    def commands(self) -> Iterator[str]:
        """One after the other: a line is a command, and lines that Bash would not take alone are one."""
        lines: list[str] = []
        for line in self.text.splitlines():
            lines.append(line)
            if _is_complete("\n".join(lines)):
                yield "\n".join(lines)
                lines = []
        assert not lines, f"Bash does not take this: {lines}"


def documents() -> list[str]:
    """Every document that may have commands."""
    return [*DOCUMENTS, *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))]


def blocks(document: str) -> list[Block]:
    """The blocks of sh of a document, in order."""
    found, heading = [], ""
    for part in _PART.finditer((ROOT / document).read_text(encoding="utf-8")):
        if part["hashes"] == "##":
            heading = part["heading"]
        if part["language"] == "sh":
            found.append(Block(document, heading, part["text"]))
    return found


def _is_complete(text: str) -> bool:
    argv = ["bash", "-n", "-c", text]
    return not text.endswith("\\") and subprocess.run(argv, check=False, capture_output=True).returncode == 0


def targets() -> set[str]:
    """What make can make."""
    return set(re.findall(r"^([a-z-]+):", Path(ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
