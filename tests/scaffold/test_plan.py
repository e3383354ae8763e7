"""The templates, filled with nouns that are names of something in their neighbourhood."""

from itertools import pairwise
from pathlib import Path

import pytest

from scaffold.names import Names, Refused
from scaffold.plan import planned
from tests.support.checkout import checked_out
from tests.support.worker import ROOT

POSSIBLE = (
    *("admin", "archive", "body", "client", "created_at", "documents_folder", "edge", "error", "find_page"),
    *("form", "found", "in_transaction", "index", "info", "insert", "item", "key", "message", "name", "new"),
    *("newest", "noun", "permissions_of", "public", "read", "resolver", "root", "self", "service"),
    *("template", "this", "value", "variable", "visible_by", "where"),
)
"""Names that templates, or what they stand in, use for something of their own; yet a slice may hold such things."""

REFUSED = (
    *("connection", "context", "database", "document", "exception", "field", "float", "id", "input", "line"),
    *("list", "load", "model", "node", "none", "page", "partial", "permitted", "shown", "sort", "string"),
    *("transaction", "true", "type", "user", "user_errors", "validate", "viewer"),
)
"""Names that are taken where the slice would use them."""


def test_whatever_many_and_one_are_called_the_types_are_right(tmp_path: Path) -> None:
    checkout = checked_out(tmp_path / "postberry")
    for many, one in pairwise(("news", *POSSIBLE, "thing")):
        for path, text in planned(checkout.folder, Names.of(many, one)).items():
            checkout.write(str(path), text)
    checkout.succeed(".venv/bin/mypy schema tests/schema graphql_api/schema.py")


@pytest.mark.parametrize("noun", REFUSED)
def test_a_noun_that_is_taken_is_refused(noun: str) -> None:
    with pytest.raises(Refused, match=r"taken|word of Python"):
        planned(ROOT, Names.of(f"some_{noun}", noun))
