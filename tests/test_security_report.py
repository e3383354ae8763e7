"""SECURITY-REPORT.md names tests and commands that are there."""

import re
from pathlib import Path

REPORT = Path("SECURITY-REPORT.md").read_text()


def test_every_test_that_proves_a_measure_is_there() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", REPORT))
    assert len(named) > 40
    assert not [path for path in sorted(named) if not Path(path).is_file()]


def test_every_measure_names_its_proof() -> None:
    _, _, measures = REPORT.partition("## Measures")
    rows = [row for row in measures.partition("## What was tried")[0].splitlines() if row.startswith("| ")]
    assert len(rows) > 30
    assert not [row for row in rows if "tests/" not in row and not row.startswith("| measure")]


def test_every_command_it_names_can_be_run() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", REPORT))
    assert named
    assert named <= targets
