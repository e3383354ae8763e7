"""Where our documents lead, there is something."""

import re
from pathlib import Path

import pytest

from tests.support.shell import documents
from tests.support.worker import ROOT

_LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)#?(?P<anchor>[^)\s]*)\)")


def _anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", documents())
def test_every_link_leads_to_a_file_and_its_heading(document: str) -> None:
    here = ROOT / document
    for link in _LINK.finditer(here.read_text(encoding="utf-8")):
        there = (here.parent / link["path"]).resolve() if link["path"] else here
        assert there.exists(), link[0]
        assert not link["anchor"] or link["anchor"] in _anchors(there), link[0]


def test_the_deployment_notes_begin_with_their_contents() -> None:
    notes = (ROOT / "DEPLOYMENT-NOTES.md").read_text(encoding="utf-8")
    listed = re.findall(r"\[([^]]*)\]\(#", notes.split("\n\n")[1])
    assert listed == re.findall(r"^## (.*)$", notes, re.MULTILINE)
