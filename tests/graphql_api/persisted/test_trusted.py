"""A server that executes the documents of its file and no others, as clients meet it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from redis.asyncio import Redis

from graphql_api.persisted.file import BadDocumentsError
from schema.database import Database
from schema.nodes import to_global_id
from settings.config import AppEnv, Settings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections, ada, serving
from tests.support.jobs import owe
from tests.support.persisted import TRUSTED, by_hash, codes, digest, get, send, with_hash, written
from tests.support.sockets import JOB_UPDATED, listening, socket
from tests.support.uploads import PNG, UPLOAD, post_form

pytestmark = pytest.mark.anyio

GRAPHQL_JSON = "application/graphql-response+json"
PRODUCTS = TRUSTED["products"]
SIGN_UP = "cd4abbcc0c34ab5c9a4e9b5a3b5e1b0e"


@pytest.fixture(name="strict")
def _strict(settings: Settings, tmp_path: Path) -> Settings:
    path = written(tmp_path, TRUSTED | {digest(PRODUCTS): PRODUCTS})
    return settings.model_copy(update={"trusted_documents": path})


@pytest.fixture
async def client(strict: Settings) -> AsyncIterator[Client]:
    async with serving(strict) as client:
        yield client


NAMED: dict[str, dict[str, Any]] = {
    "an id": {"documentId": "products"},
    "a hash as id": {"documentId": digest(PRODUCTS)},
    "a hash that says so": {"documentId": f"sha256:{digest(PRODUCTS)}"},
    "a hash as Apollo sends it": by_hash(PRODUCTS),
}


@pytest.mark.parametrize("request_", NAMED.values(), ids=NAMED.keys())
async def test_a_document_of_the_file_is_executed_however_it_is_named(client: Client, request_: dict[str, Any]) -> None:
    for ask in (send, get):
        answer = await ask(client, request_ | {"variables": {"first": 2}, "operationName": "Shop"})
        assert answer.json()["data"] == {"products": {"nodes": []}}
        assert answer.json()["extensions"]["cost"]["requested"] == 3


async def test_a_mutation_is_executed_by_its_id_and_never_by_get(client: Client, collections: Collections) -> None:
    request = {"documentId": SIGN_UP, "variables": {"i": ada()}}
    refused = await get(client, request)
    assert (refused.status_code, codes(refused)) == (405, ["BAD_USER_INPUT"])
    assert await collections.users.count_documents({}) == await collections.jobs.count_documents({}) == 0
    assert (await send(client, request)).json()["data"]["userSignUp"]["job"]
    assert await collections.users.count_documents({}) == 1


TEXTS: dict[str, dict[str, Any]] = {
    "a text": {"query": "mutation($i:UserSignUpInput!){userSignUp(input:$i){job{status}}}"},
    "a text of the file": {"query": TRUSTED[SIGN_UP]},
    "a text with its hash": with_hash(TRUSTED[SIGN_UP]),
    "a text with the hash of a trusted one": by_hash(PRODUCTS) | {"query": TRUSTED[SIGN_UP]},
    "a text and an id": {"query": TRUSTED[SIGN_UP], "documentId": SIGN_UP},
}


@pytest.mark.parametrize("request_", TEXTS.values(), ids=TEXTS.keys())
async def test_no_text_is_executed_and_nothing_is_written(
    client: Client, collections: Collections, strict: Settings, request_: dict[str, Any]
) -> None:
    answer = await send(client, request_ | {"variables": {"i": ada()}}, accept=GRAPHQL_JSON)
    assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])
    assert "documentId" in answer.json()["errors"][0]["message"]
    assert "data" not in answer.json()
    assert await collections.users.count_documents({}) == await collections.jobs.count_documents({}) == 0
    assert await _known_to_redis(strict) == []


async def _known_to_redis(settings: Settings) -> list[bytes]:
    async with Redis.from_url(settings.redis_url) as redis:
        return [key async for key in redis.scan_iter("postberry:document:*")]


async def test_administrators_send_no_texts_either(
    client: Client, settings: Settings, collections: Collections
) -> None:
    async with serving(settings) as unlimited:
        admin = Client(client.http, (await administrator(unlimited, collections)).token)
    assert codes(await send(admin, {"query": "{__schema{queryType{name}}}"})) == ["BAD_USER_INPUT"]
    assert (await send(admin, {"documentId": "schema"})).json()["data"]


async def test_a_form_with_files_names_its_document_as_well(
    settings: Settings, tmp_path: Path, collections: Collections
) -> None:
    only_uploads = settings.model_copy(update={"trusted_documents": written(tmp_path, {"upload": UPLOAD})})
    async with serving(settings) as unlimited:
        token = (await unlimited.signed_up()).token
    async with serving(only_uploads) as client:
        member = Client(client.http, token)
        for named, count in [({"query": UPLOAD}, 0), ({"documentId": "upload"}, 1)]:
            fields = {
                "operations": json.dumps(named | {"variables": {"file": None}}),
                "map": '{"0":["variables.file"]}',
            }
            answer = await post_form(member, fields, {"0": ("cat.png", PNG)})
            assert codes(answer) == ([] if count else ["BAD_USER_INPUT"])
            assert await collections.files.count_documents({}) == count


async def test_an_unknown_document_is_told_as_clients_expect_it(client: Client) -> None:
    unknown = "{__typename}"
    for request, status in [({"documentId": "nothing"}, 400), (by_hash(unknown), 200)]:
        answer = await send(client, request, accept=GRAPHQL_JSON)
        assert (answer.status_code, codes(answer)) == (status, ["PERSISTED_QUERY_NOT_FOUND"])
        assert [error["message"] for error in answer.json()["errors"]] == ["PersistedQueryNotFound"]
        assert (await send(client, request)).status_code == 200
    assert codes(await send(client, with_hash(unknown))) == ["BAD_USER_INPUT"]
    assert codes(await send(client, by_hash(unknown))) == ["PERSISTED_QUERY_NOT_FOUND"]


@given(st.text(min_size=1).filter(lambda name: name.removeprefix("sha256:") not in TRUSTED))
@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_else_is_named_is_not_found(client: Client, name: str) -> None:
    assert codes(await send(client, {"documentId": name})) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_what_the_schema_is_stays_a_secret_also_by_its_id(strict: Settings) -> None:
    production = {"app_env": AppEnv.PRODUCTION}
    async with serving(strict.model_copy(update=production)) as client:
        assert codes(await send(client, {"documentId": "schema"})) == ["FORBIDDEN"]
        assert (await send(client, {"documentId": "products"})).json()["data"]
        assert codes(await send(client, {"query": "{__typename}"})) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("debugging", [{"app_env": AppEnv.DEVELOPMENT}, {"allow_debug": True}])
async def test_where_there_is_graphiql_its_texts_are_executed_beside_the_file(
    strict: Settings, debugging: dict[str, Any]
) -> None:
    async with serving(strict.model_copy(update=debugging)) as client:
        assert (await send(client, {"query": "{__typename}"})).json()["data"] == {"__typename": "Query"}
        assert (await send(client, {"documentId": "products"})).json()["data"]
        assert codes(await send(client, {"documentId": "nothing"})) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_naming_what_is_not_there_is_paid_for(strict: Settings) -> None:
    async with serving(strict.model_copy(update={"query_budget": 20, "query_budget_restore": 1})) as client:
        answers = [await send(client, {"documentId": "nothing"}) for _ in range(200)]
    assert (answers[0].status_code, codes(answers[0])) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert codes(refused) == ["RATE_LIMITED"]
    assert int(refused.headers["retry-after"]) > 0


async def test_limits_of_cost_hold_for_trusted_documents(client: Client) -> None:
    answer = await send(client, {"documentId": "products", "variables": {"first": 5_000}})
    assert codes(answer) == ["QUERY_TOO_COMPLEX"]


async def test_subscriptions_are_named_over_a_websocket(strict: Settings, database: Database) -> None:
    job_id = to_global_id("Job", await owe(database))
    async with listening(strict) as url, socket(url) as watching:
        await watching.init()
        for operation, name in enumerate([{"documentId": "watch"}, by_hash(JOB_UPDATED), {"query": JOB_UPDATED}]):
            payload = name | {"variables": {"id": job_id}}
            await watching.send("subscribe", id=str(operation), payload=payload)
            if operation == 0:
                assert await watching.status() == "QUEUED"
            else:
                code = ["PERSISTED_QUERY_NOT_FOUND", "BAD_USER_INPUT"][operation - 1]
                assert await watching.codes() == [code]


async def test_a_file_that_cannot_be_trusted_is_found_before_anything_is_opened(
    settings: Settings, tmp_path: Path
) -> None:
    bad = settings.model_copy(update={"trusted_documents": written(tmp_path, {"bad": "{nothing}"})})
    with pytest.raises(BadDocumentsError, match="document bad: Cannot query field 'nothing'"):
        async with serving(bad):
            pass
