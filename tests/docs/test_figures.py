"""What README.md says of costs is what `make bench` has written."""

import re
from pathlib import Path

README, RESULTS = Path("README.md"), Path("benchmarks/RESULTS.md")


def _rows(text: str) -> list[str]:
    return re.findall(r"^\|.*\|$", text, flags=re.MULTILINE)


def test_the_readmes_table_of_peers_is_that_of_the_results() -> None:
    _, _, after = README.read_text().partition("## What a request costs\n")
    _, _, written = RESULTS.read_text().partition("## CPU of Postberry, as a share of its peers'\n")
    shown = _rows(after.partition("\n## ")[0])
    assert shown == _rows(re.sub(r" \(≤ [^)]*\)", "", written.partition("\n## ")[0]))  # without the goals
    assert len(shown) > 2  # its head, and rows
