"""Each page of `docs/` that says how something is added, followed to its last command in a copy of the project."""

from pathlib import Path

import pytest

from tests.support.checkout import Checkout, checked_out
from tests.support.recipes import Unclear, follow
from tests.support.worker import ROOT

PAGES = sorted((ROOT / "docs").glob("add-*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_who_follows_a_page_has_it_with_its_tests_and_nothing_for_the_linter(page: Path, tmp_path: Path) -> None:
    checkout = checked_out(tmp_path / "postberry")
    follow(page.read_text(encoding="utf-8"), checkout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_ends_in_lint_and_the_tests_it_has_one_write(page: Path) -> None:
    commands = page.read_text(encoding="utf-8").rpartition("```sh\n")[2].partition("```")[0].splitlines()
    assert "make lint" in commands
    assert commands[-1].startswith('make test ARGS="-n 0 tests/')


def test_the_way_to_each_page_is_in_contributing() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert PAGES
    assert [page.name for page in PAGES if f"(docs/{page.name})" not in contributing] == []


ROTTEN = {
    "a line that is not there": ("In `a.py`, below `two`:\n```python\n```\n", "a.py has 0 lines that begin with two"),
    "one that is there twice": ("In `a.py`, below `one`:\n```python\n```\n", "a.py has 2 lines that begin with one"),
    "a class that is not there": (
        "In `a.py`, in `class A`, below `one`:\n```python\n```\n",
        "a.py has 0 lines that begin with class A",
    ),
    "words that are not there": ("In `a.py`, replace `two` by `three`.\n", "a.py says two 0 times"),
    "a block that goes nowhere": ("Then:\n```python\nx = 1\n```\n", "It does not say where this goes: x = 1"),
}


@pytest.mark.parametrize(("page", "why"), ROTTEN.values(), ids=ROTTEN.keys())
def test_a_page_that_is_not_about_this_project_any_more_cannot_be_followed(page: str, why: str, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.write("a.py", "one = 1\none = 2\n")
    with pytest.raises(Unclear, match=why):
        follow(page, checkout)


def test_a_command_that_fails_fails_the_page(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    with pytest.raises(AssertionError, match="no rule"):
        follow("```sh\nls\necho no rule >&2; false\nls\n```\n", checkout)
