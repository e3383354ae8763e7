"""Every command of our documents is run by a test, or it says here why not."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.shell import Block, blocks, documents, targets
from tests.support.worker import ROOT

README, NOTES = "README.md", "DEPLOYMENT-NOTES.md"
STORY = "tests/docs/test_story.py::test_what_the_documents_tell_to_type_does_what_they_say"
RUNBOOK = "tests/test_runbook.py::test_each_command_of_the_runbook_does_what_it_is_for"
RECIPES = "tests/docs/test_recipes.py::test_who_follows_a_page_has_it_with_its_tests_and_nothing_for_the_linter"
K8S = "it needs a cluster; tests/test_k8s.py tries what it applies"

SECTIONS = {
    (README, "A first request"): STORY,
    (README, "Accounts"): STORY,
    (README, "Sent again, done once"): STORY,
    (README, "Files"): STORY,
    (README, "Documents by name"): STORY,
    (README, "Public data"): STORY,
    (NOTES, "Logs"): STORY,
    (NOTES, "Health"): STORY,
    (NOTES, "Runbook"): RUNBOOK,
    (NOTES, "Backup and restore"): RUNBOOK,
}
"""Headings under which a test runs whatever stands there."""

ELSEWHERE = {
    "make run": "tests/support/test_run.py::test_a_signal_ends_everything_in_order_and_leaves_no_lock_file",
    "make run PRODUCTS=0": "tests/support/seed/test_main.py::test_without_products_there_is_nothing_to_add",
    "make seed": "tests/support/seed/test_main.py::test_it_adds_once_and_says_who_can_sign_in",
    "SEED=7 make seed": "tests/support/seed/test_shop.py::test_two_empty_databases_get_the_same_shop",
    'APP_ENV=production PATH="$PWD/.venv/bin:$PATH" PORT=8000 honcho start': (
        "tests/test_honcho.py::test_crashes_of_processes_are_healed_and_cost_no_letter"
    ),
    "make smoke URL=https://api.example.com MAIL=you@example.com": (
        "tests/smoke/test_main.py::test_a_deployment_that_works_is_walked_through"
    ),
}
"""Commands whose program a test runs, with values of its own."""

LEFT_OUT = {
    "make test": "it is this suite",
    "make seed PRODUCTS=1000000 DB_URL='mongodb://…/load?replicaSet=rs0'": "it needs 10 GB and minutes",
    "mongosh": "a program of MongoDB's that is not installed with the rest",
    "python3 -m venv .venv": "the Makefile does it, for whoever runs this suite",
    "npm install": "it needs a registry; `make clients` has the same packages by its lock",
    "npx graphql-codegen": "`make clients` runs it on what the page says",
    ".venv/bin/pip install": "it needs a registry; the Makefile does the same with the lock of the suite",
    "sudo": "it needs root and systemd; tests/test_systemd.py tries the units",
    "docker": "it needs Docker; tests/test_dockerfile.py tries what it builds, and CI builds it",
    "kubectl": K8S,
    "curl -fsS --retry 30": K8S,
    "make smoke URL=http://127.0.0.1:8001 MAIL=you@example.com; kill $FORWARD": K8S,
}
"""How commands begin that no test runs, and why."""


def _found() -> list[Block]:
    return [block for document in documents() for block in blocks(document)]


def _ran_by(block: Block) -> str | None:
    return RECIPES if block.document.startswith("docs/add-") else SECTIONS.get((block.document, block.heading))


def _others() -> list[str]:
    """The commands that no test runs with all that stands under their heading."""
    commands = (command for block in _found() if _ran_by(block) is None for command in block.commands())
    return [re.sub(r"\s+#.*$", "", command) for command in commands]


def _is_left_out(command: str) -> bool:
    return any(command == each or command.startswith(f"{each} ") for each in LEFT_OUT)


@pytest.mark.parametrize("command", _others())
def test_a_command_is_run_by_a_test_or_says_why_not(command: str) -> None:
    assert (command in ELSEWHERE) != _is_left_out(command)


def test_no_entry_is_about_a_command_that_is_gone() -> None:
    others = _others()
    assert set(ELSEWHERE) - set(others) == set()
    assert [each for each in LEFT_OUT if not any(command.startswith(each) for command in others)] == []
    assert set(SECTIONS) - {(block.document, block.heading) for block in _found()} == set()


def test_every_test_that_is_named_is_there() -> None:
    named = {*SECTIONS.values(), *ELSEWHERE.values(), RECIPES}
    missing = [test for test in named if f"def {test.partition('::')[2]}(" not in _source(test.partition("::")[0])]
    assert missing == []


def _source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", documents())
def test_what_is_named_between_the_lines_can_be_run(document: str) -> None:
    text = _source(document)
    assert set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)", text)) <= targets()
    modules = set(re.findall(r"python -m ([a-z_.]+)", text)) - {"pip", "venv", "pytest"}
    assert [name for name in sorted(modules) if find_spec(name) is None] == []


@pytest.mark.parametrize("document", documents())
def test_a_link_to_a_file_leads_to_one(document: str) -> None:
    links = set(re.findall(r"\]\((?!https?:|#)([^)#\s]+)", _source(document)))
    folder = (ROOT / document).parent
    assert [link for link in sorted(links) if not Path(folder / link).exists()] == []
