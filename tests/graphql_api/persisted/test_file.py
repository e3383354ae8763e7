"""Which files of documents can be trusted."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_api.documents.cache import Documents
from graphql_api.persisted.file import BadDocumentsError, load, read
from graphql_api.schema import create_schema
from settings.limits import QueryLimits
from tests.support.persisted import TRUSTED, digest, written

PRODUCTS = TRUSTED["products"]
SCHEMA = create_schema()._schema  # noqa: SLF001  (as Strawberry's own extensions)


def _loaded(path: Path, **limits: int) -> dict[str, str]:
    return load(path, SCHEMA, Documents(QueryLimits(**limits)))


def _refusal(path: Path, **limits: int) -> str:
    with pytest.raises(BadDocumentsError) as refused:
        _loaded(path, **limits)
    return str(refused.value)


def test_what_codegen_and_the_relay_compiler_write_is_read(tmp_path: Path) -> None:
    assert _loaded(written(tmp_path)) == TRUSTED


def test_an_id_may_say_that_it_is_a_hash(tmp_path: Path) -> None:
    path = written(tmp_path, {f"sha256:{digest(PRODUCTS)}": PRODUCTS})
    assert _loaded(path) == {digest(PRODUCTS): PRODUCTS}


@given(st.dictionaries(st.from_regex(r"[A-Za-z0-9._~-]{1,128}", fullmatch=True), st.text(), min_size=1, max_size=4))
def test_texts_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    assert read(written(tmp_path_factory.mktemp("file"), texts)) == texts


SHAPES: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{", "is not JSON"),
    "nothing": (b"", "is not JSON"),
    "bad UTF-8": (b'{"a":"\xff"}', "is not JSON"),
    "a list": ([PRODUCTS], "must be an object"),
    "no document": ({}, "must be an object of one document or more"),
    "a text that is none": ({"a": {"text": PRODUCTS}}, "document a: must be a string"),
    "an empty id": ({"": PRODUCTS}, "this is none: ''"),
    "an id with a space": ({"a b": PRODUCTS}, "this is none: 'a b'"),
    "a hash of something else": ({f"sha256:{digest('{a}')}": PRODUCTS}, "the id is not the hash of the text"),
    "an id with another prefix": ({"md5:a": PRODUCTS}, "this is none: 'md5:a'"),
}


@pytest.mark.parametrize(("content", "said"), SHAPES.values(), ids=SHAPES.keys())
def test_another_shape_is_refused_by_the_name_of_the_file(tmp_path: Path, content: object, said: str) -> None:
    path = written(tmp_path, content)
    refusal = _refusal(path)
    assert refusal.startswith(str(path))
    assert said in refusal


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "nowhere.json") == f"{tmp_path}/nowhere.json: No such file or directory"
    assert _refusal(tmp_path) == f"{tmp_path}: Is a directory"


DOCUMENTS: dict[str, tuple[str, dict[str, int], str]] = {
    "nothing in it": ("", {}, "Syntax Error"),
    "syntax": ("query {", {}, "Syntax Error"),
    "an unknown field": ("{nothing}", {}, "Cannot query field 'nothing'"),
    "a variable that is not used": ("query($a: Int) {__typename}", {}, "'$a' is never used"),
    "too long": (PRODUCTS, {"query_max_length": 20}, "more than 20 code points"),
    "too many tokens": (PRODUCTS, {"query_max_tokens": 5}, "5 tokens"),
    "too deep": (PRODUCTS, {"query_max_depth": 2}, "more than 2 levels of fields"),
    "endless nesting": ("{a" * 6_000, {"query_max_tokens": 100_000}, "nested too deeply"),
    "too costly": ("{products(first: 100) {nodes {category {id}}}}", {"query_max_cost": 200}, "it may cost 200"),
}


@pytest.mark.parametrize(("text", "limits", "said"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_no_client_could_send_is_refused_by_its_id(
    tmp_path: Path, text: str, limits: dict[str, int], said: str
) -> None:
    refusal = _refusal(written(tmp_path, {"fine": "{__typename}", "bad": text}), **limits)
    assert "document bad: " in refusal
    assert said in refusal


def test_what_variables_can_make_cheap_is_not_too_costly(tmp_path: Path) -> None:
    assert _loaded(written(tmp_path, {"a": PRODUCTS}), query_max_cost=3) == {"a": PRODUCTS}
