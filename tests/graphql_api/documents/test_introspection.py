"""Who is told what the schema is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import get_introspection_query

from settings.config import AppEnv, Settings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections, serving

pytestmark = pytest.mark.anyio

ASKING = [
    get_introspection_query(),
    '{__type(name:"User"){name}}',
    "{...F}fragment F on Query{a:__schema{types{name}}}",
]
NEAR_MISSES: list[tuple[str, dict[str, Any]]] = [
    ("{prodcts{nodes{id}}}", {}),
    ("{products{nodez{id}}}", {}),
    ("{products(frst:1){nodes{id}}}", {}),
    ("{products(sortBy:CREATED_AT_DES){nodes{id}}}", {}),
    ("{...on Usr{id}}", {}),
    ('mutation{userSignUp(input:{emial:"x"}){job{id}}}', {}),
    ("mutation($i:UserSignUpInput!){userSignUp(input:$i){job{id}}}", {"i": {"emial": "x"}}),
    ("query($s:ProductSort!){products(sortBy:$s){nodes{id}}}", {"s": "CREATED_AT_DES"}),
]


@pytest.fixture
async def production(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings.model_copy(update={"app_env": AppEnv.PRODUCTION})) as client:
        yield client


async def test_production_tells_administrators_alone(production: Client, collections: Collections) -> None:
    ada = await production.signed_up()
    for query in ASKING:
        assert await production.codes(query) == await ada.codes(query) == ["FORBIDDEN"]
    admin = await administrator(production, collections)
    for query in ASKING:
        assert await admin.codes(query) == []


async def test_what_may_not_be_asked_is_not_even_validated(production: Client, collections: Collections) -> None:
    query = "{__schema{a}}"
    assert await production.codes(query) == ["FORBIDDEN"]
    assert await (await administrator(production, collections)).codes(query) == ["BAD_USER_INPUT"]


async def test_it_does_not_tell_because_a_document_is_known(production: Client, collections: Collections) -> None:
    admin = await administrator(production, collections)
    assert await admin.codes(ASKING[0]) == []
    answer = (await production.post(ASKING[0])).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "data" not in answer


@pytest.mark.parametrize(("query", "variables"), NEAR_MISSES)
async def test_production_suggests_no_names(production: Client, query: str, variables: dict[str, Any]) -> None:
    for error in (await production.post(query, variables)).json()["errors"]:
        assert "mean" not in error["message"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(("query", "variables"), NEAR_MISSES)
async def test_development_does(client: Client, query: str, variables: dict[str, Any]) -> None:
    assert any("Did you mean" in error["message"] for error in (await client.post(query, variables)).json()["errors"])


async def test_everybody_is_told_with_allow_debug(settings: Settings) -> None:
    debug = settings.model_copy(update={"app_env": AppEnv.PRODUCTION, "allow_debug": True})
    async with serving(debug) as client:
        for query in ASKING:
            assert await client.codes(query) == []


async def test_a_question_about_the_schema_that_goes_round_is_refused(client: Client) -> None:
    rounds = "{__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}"
    assert "BAD_USER_INPUT" in await client.codes(rounds)
