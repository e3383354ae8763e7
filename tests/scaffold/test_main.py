"""`make new`, in a copy of the project."""

import json
import shlex
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, checked_out

TESTS = (
    "tests/schema/reviews tests/schema/gift_boxes_of_the_family tests/schema/test_permissions.py tests/examples "
    "tests/schema/test_payloads.py::test_every_mutation_takes_a_key_or_has_a_reason_not_to"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of the project."""
    return checked_out(tmp_path / "postberry")


def test_a_new_slice_passes_the_linter_and_its_own_tests_at_once_and_is_not_made_twice(checkout: Checkout) -> None:
    said = checkout.succeed("make new SLICE=reviews")
    assert said.startswith("reviews is there, and one of them is a review (ONE=… says it otherwise).\n")
    checkout.succeed("make lint")
    checkout.succeed("make new SLICE=gift_boxes_of_the_family ONE=gift_box_of_the_family")
    checkout.succeed("make lint")
    checkout.succeed(f".venv/bin/python -m pytest -q -n 0 {TESTS}")
    made = checkout.texts()
    refused = checkout.run("make new SLICE=reviews")
    assert "SLICE=reviews is taken: schema/reviews is there already." in refused.stderr
    assert refused.returncode != 0
    assert checkout.texts() == made


REFUSED = {
    "nothing": ("", 2, "Say which"),
    "capitals": ("SLICE=Reviews", 1, "is no name"),
    "a path": ("SLICE=../reviews", 1, "is no name"),
    "too long": ("SLICE=names_nobody_wants_to_type", 1, "is no name"),
    "a word of Python": ("SLICE=classes ONE=class", 1, "ONE=class is a word of Python"),
    "a function of Python": ("SLICE=lists", 1, "ONE=list is a word of Python"),
    "the same for many": ("SLICE=series", 1, "Say what one of series is: make new SLICE=series ONE=…"),
    "a file of the tests": ("SLICE=library ONE=shelf", 1, "tests/schema/library.py is there already"),
    "what every answer has": ("SLICE=errors_of_users ONE=user_errors", 1, "UserErrorsCreatePayload.userErrors"),
    "no plural": ("SLICE=sheep", 1, "Say what one of sheep is"),
    "the same for both": ("SLICE=sheep ONE=sheep", 1, "many and one need different names"),
    "a slice": ("SLICE=orders", 1, "schema/orders is there already"),
    "a module": ("SLICE=nodes", 1, "schema/nodes.py is there already"),
    "a type": ("SLICE=members ONE=viewer", 1, "schema.graphql has Viewer already"),
    "a collection": ("SLICE=jobs_archive ONE=archived_job", 1, "has a collection of this name"),
    "what the house calls otherwise": ("SLICE=transactions", 1, "Transaction is something else in"),
}


ASKED = """
import contextlib, io, json, sys
from scaffold.__main__ import main
def refused(arguments):
    with contextlib.redirect_stderr(io.StringIO()) as said:
        return main(arguments), said.getvalue()
print(json.dumps([refused(each) for each in json.loads(sys.argv[1])]))
"""
"""One after the other in one process: it takes seconds to start."""


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_written(checkout: Checkout) -> None:
    before = checkout.texts()
    asked = [each.removeprefix("SLICE=").split(" ONE=") for each, _, _ in REFUSED.values()]
    answers = json.loads(checkout.succeed(f".venv/bin/python -c {shlex.quote(ASKED)} {shlex.quote(json.dumps(asked))}"))
    for (status, said), (_, expected, sentence) in zip(answers, REFUSED.values(), strict=True):
        assert (status, sentence in said) == (expected, True), said
    assert checkout.texts() == before


def test_what_the_tools_find_fault_with_is_undone(checkout: Checkout) -> None:
    text = checkout.text("graphql_api/schema.py")
    checkout.write("graphql_api/schema.py", text.replace("SDL.write_text(sdl)", 'raise OSError("The disk is full.")'))
    before = checkout.texts()
    done = checkout.run("make new SLICE=reviews")
    assert "Nothing is changed, because graphql_api.schema found fault" in done.stderr
    assert "The disk is full." in done.stderr
    assert checkout.texts() == before
    assert not (checkout.folder / "schema" / "reviews").exists()


def test_a_project_that_has_changed_is_refused_before_anything_is_written(checkout: Checkout) -> None:
    text = checkout.text("schema/indexes.py")
    checkout.write("schema/indexes.py", text.replace("MODELS: tuple[", "COLLECTIONS: tuple["))
    before = checkout.texts()
    assert "is not where scaffold/hooks.py looks for it" in checkout.run("make new SLICE=reviews").stderr
    assert checkout.texts() == before
