"""What a document may not do, over HTTP."""

from typing import Any

import pytest

from settings.config import Settings
from tests.support.application import Client, Collections, serving

pytestmark = pytest.mark.anyio

FORM = '{email:"a@b.example",password:"12345678",name:"A"}'
SIGN_UP = f"userSignUp(input:{FORM}){{job{{id}}}}"
BEYOND = {
    "levels of fields": "{a" * 11 + "}" * 11,
    "levels of fields.": "{node(id:1)" + "{...F}}fragment F on N{b" + "{a" * 9 + "}" * 10,
    "levels of fragments": "{...F0}" + "".join(f"fragment F{n} on Query{{...F{n + 1}}}" for n in range(11)),
    "fields, all fragments written out": "{...F ...F ...F}fragment F on Query{" + "__typename " * 70 + "}",
    "aliases, all fragments written out": "{" + " ".join(f"a{n}:__typename" for n in range(31)) + "}",
    "directives": "{" + "__typename @skip(if:false) " * 21 + "}",
    "directives in one place": "{__typename" + " @skip(if:false)" * 5 + "}",
    "operations": " ".join(f"query A{n}{{__typename}}" for n in range(11)),
    "answered by the same name": "{" + "me{user{id}}" * 60 + "}",
    "answered by the same name.": "{__typename}fragment F on Query{" + "me{user{id}}" * 280 + "}",
    "mutations": "mutation{" + " ".join(f'a{n}:jobCancel(input:{{id:"x"}}){{job{{id}}}}' for n in range(6)) + "}",
    "of the mutations emailVerify": f"mutation{{{SIGN_UP} b:{SIGN_UP}}}",
    "of the mutations emailVerify,": f"mutation{{...F b:{SIGN_UP}}}fragment F on Mutation{{...{{{SIGN_UP}}}}}",
}
WITHIN = {
    "levels of fields": "{me{orders{nodes{lines{product{category{ancestors{__typename}}}}}}}}",
    "fields": "{" + " ".join(f"a{n}:product(id:1){{id name slug description}}" for n in range(30)) + "}",
    "fields of one name": "{" + "__typename " * 60 + "}",
    "aliases": "{" + " ".join(f"a{n}:__typename" for n in range(30)) + "}",
    "directives": "{" + "__typename @skip(if:false) " * 20 + "}",
    "comments": "#\n" * 100 + "{__typename}",
    "length": "{__typename}" + " " * 19_988,
    "one sign-up that is spread twice": f"mutation{{...F ...F}}fragment F on Mutation{{{SIGN_UP}}}",
}


@pytest.mark.parametrize(("what", "query"), BEYOND.items(), ids=BEYOND.keys())
async def test_a_document_beyond_a_limit_is_refused_and_nothing_of_it_done(
    client: Client, collections: Collections, what: str, query: str
) -> None:
    answer = (await client.post(query)).json()
    assert "data" not in answer
    (error,) = answer["errors"]
    assert what.rstrip(".,") in error["message"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert await collections.users.count_documents({}) == 0


@pytest.mark.parametrize(
    "query", ["#\n" * 101 + "{__typename}", "{__typename}" + " " * 19_989, "{" + "__typename " * 2000]
)
async def test_a_document_too_long_to_be_read_is_refused(client: Client, query: str) -> None:
    assert await client.codes(query) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("query", WITHIN.values(), ids=WITHIN.keys())
async def test_a_document_at_the_limit_is_answered(client: Client, query: str) -> None:
    assert "data" in (await client.post(query)).json()


async def test_every_limit_that_is_passed_is_named(client: Client) -> None:
    query = "{" + " ".join(f"a{n}:__typename" for n in range(201)) + "}"
    assert await client.codes(query) == ["QUERY_TOO_COMPLEX", "QUERY_TOO_COMPLEX"]


async def test_only_so_many_errors_of_a_document_are_answered(client: Client) -> None:
    assert len(await client.codes("{a b c d e f g h}")) == 5


async def test_only_so_many_errors_of_variables_are_answered(client: Client) -> None:
    query = "query($w:ProductWhere){products(where:$w){nodes{id}}}"
    assert len(await client.codes(query, {"w": {"OR": [{"x": 1}] * 20}})) == 5


@pytest.mark.parametrize("where", [{"OR": [{}] * 499}, {"name": {"in": ["a"] * 499}}, {"x": [[[1] * 9] * 9] * 9}])
async def test_variables_have_only_so_many_values(client: Client, where: dict[str, Any]) -> None:
    query = "query($w:ProductWhere){products(where:$w){nodes{id}}}"
    assert await client.codes(query, {"w": where}) == ["QUERY_TOO_COMPLEX"]
    assert await client.codes(query, {"w": {"name": {"in": ["a"] * 20}}}) == []


async def test_limits_are_settings(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"query_max_depth": 1, "query_max_cost": 19})) as client:
        assert await client.codes("{me{user{id}}}") == ["QUERY_TOO_COMPLEX"]
    async with serving(settings.model_copy(update={"query_max_cost": 20})) as client:
        assert await client.codes("{products{nodes{id}}}") == ["QUERY_TOO_COMPLEX"]
        assert await client.codes("{products(first:19){nodes{id}}}") == []
