"""GraphQL over HTTP: what is a request, and what is answered to what is none."""

import signal
from typing import Any

import pytest

from graphql_api.request import MOST_BYTES
from settings.config import Settings
from tests.support.application import Client, ada, serving
from tests.support.processes import Server

pytestmark = pytest.mark.anyio

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
PREFLIGHT = {"GraphQL-Require-Preflight": "1"}

MALFORMED = {
    "no JSON": (b"{", 400),
    "nothing": (b"", 400),
    "null": (b"null", 400),
    "a number": (b"1", 400),
    "a string": (b'"x"', 400),
    "true": (b"true", 400),
    "a list": (b'[{"query":"{__typename}"}]', 400),
    "bad UTF-8": (b'{"query":"\xff"}', 400),
    "a lone surrogate": (rb'{"query":"{__typename}","variables":{"a":"\ud800"}}', 400),
    "very deep JSON": (b'{"query":"{__typename}","variables":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}", 400),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400),
    "no query": (b"{}", 400),
    "an empty query": (b'{"query":""}', 400),
    "a query that is a number": (b'{"query":1}', 400),
    "variables that are a list": (b'{"query":"{__typename}","variables":[]}', 400),
    "an operation name that is an object": (b'{"query":"{__typename}","operationName":{}}', 400),
    "extensions that are a string": (b'{"query":"{__typename}","extensions":"x"}', 400),
    "too much": (b'{"query":"' + b"#" * MOST_BYTES + b'"}', 413),
    "an operation that is not there": (b'{"query":"query A {__typename}","operationName":"B"}', 400),
}


@pytest.mark.parametrize(("body", "status"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_request_is_refused_with_a_code(client: Client, body: bytes, status: int) -> None:
    response = await client.http.post("/graphql", content=body, headers={"content-type": JSON})
    assert response.status_code == status
    assert _codes(response.json()) == ["BAD_USER_INPUT"]
    assert "data" not in response.json()


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
async def test_only_json_is_read(client: Client, content_type: str) -> None:
    response = await client.http.post(
        "/graphql", content=b'{"query":"{__typename}"}', headers={"content-type": content_type}
    )
    assert response.status_code == 415
    assert _codes(response.json()) == ["BAD_USER_INPUT"]


IN_THE_DOCUMENT: dict[str, tuple[str, dict[str, Any] | None]] = {
    "syntax": ("{", None),
    "two operations and no name": ("query A {__typename} query B {__typename}", None),
    "endless nesting": ("{a" * 10_000, None),
    "a document that is too long": ("#" * 20_001, None),
    "an unknown field": ("{nothing}", None),
    "an unknown argument": ('{job(id:"x", force:true){id}}', None),
    "an unknown fragment": ("{...Nothing}", None),
    "a variable of the wrong type": ("query($id: ID!){job(id:$id){id}}", {"id": {}}),
    "a variable that is missing": ("query($id: ID!){job(id:$id){id}}", {}),
    "a lone surrogate": (r'{job(id:"\uD800"){id}}', None),
    "an unknown input field": (
        "mutation($i: UserSignUpInput!){userSignUp(input:$i){job{id}}}",
        {"i": {"email": "a@b.example", "password": "12345678", "name": "A", "role": "ADMIN"}},
    ),
    "a huge integer": ("query($id: Int!){__typename}", {"id": 10**17}),
}


@pytest.mark.parametrize(("query", "variables"), IN_THE_DOCUMENT.values(), ids=IN_THE_DOCUMENT.keys())
async def test_a_bad_document_is_the_clients_fault(
    client: Client, query: str, variables: dict[str, Any] | None
) -> None:
    response = await client.post(query, variables)
    assert response.status_code == 200
    assert set(_codes(response.json())) == {"BAD_USER_INPUT"}
    assert "data" not in response.json()


async def test_a_bad_document_has_status_400_for_clients_of_the_specification(client: Client) -> None:
    response = await client.post("{", accept=GRAPHQL_JSON)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"


async def test_an_answer_is_of_the_type_the_client_accepts(client: Client) -> None:
    for accept, content_type in [(GRAPHQL_JSON, GRAPHQL_JSON), ("*/*", JSON), (JSON, JSON)]:
        response = await client.post("{__typename}", accept=accept)
        assert response.json()["data"] == {"__typename": "Query"}
        assert response.headers["content-type"] == f"{content_type}; charset=utf-8"


async def test_a_query_may_come_by_get(client: Client) -> None:
    query = "query($id: ID!){job(id:$id){id}}"
    response = await client.http.get(
        "/graphql",
        params={"query": query, "variables": '{"id":"Sm9iOjZiMDI5MTQ2ZTJkMjllZmQxMDkwYTFiOQ"}'},
        headers=PREFLIGHT,
    )
    assert response.json()["data"] == {"job": None}


@pytest.mark.parametrize(
    "parameters", [{}, {"query": "{__typename}", "variables": "{"}, {"query": "{__typename}", "variables": "1"}]
)
async def test_a_get_without_a_good_query_is_refused(client: Client, parameters: dict[str, str]) -> None:
    response = await client.http.get("/graphql", params=parameters, headers=PREFLIGHT)
    assert response.status_code == 400
    assert _codes(response.json()) == ["BAD_USER_INPUT"]


async def test_a_link_on_a_page_of_others_asks_nothing(client: Client) -> None:
    response = await client.http.get("/graphql", params={"query": "{__typename}"})
    assert (response.status_code, _codes(response.json())) == (400, ["BAD_USER_INPUT"])
    assert "GraphQL-Require-Preflight" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "query", ["{products{nodes{id}}}", "mutation($i:UserSignUpInput!){userSignUp(input:$i){job{id}}}"]
)
async def test_what_takes_too_long_is_given_up(settings: Settings, mongodb_server: Server, query: str) -> None:
    settings = settings.model_copy(update={"db_url": mongodb_server.url, "query_timeout": 0.3})
    async with serving(settings) as client:
        mongodb_server.process.send_signal(signal.SIGSTOP)
        try:
            response = await client.post(query, {"i": ada()})
        finally:
            mongodb_server.process.send_signal(signal.SIGCONT)
        assert (response.status_code, _codes(response.json())) == (200, ["TIMEOUT"])
        assert "data" not in response.json()
        assert await client.codes("{__typename}") == []


async def test_a_mutation_by_get_is_refused(client: Client) -> None:
    query = 'mutation{userSignUp(input:{email:"a@b.example",password:"12345678",name:"A"}){job{id}}}'
    response = await client.http.get("/graphql", params={"query": query}, headers=PREFLIGHT)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert _codes(response.json()) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    assert (await client.http.request(method, "/graphql")).status_code == 405


async def test_an_id_that_is_none_is_the_clients_fault(client: Client) -> None:
    for bad in ["x", "", "Sm9iOm5vdGhpbmc", "VXNlcjo2YjAyOTE0NmUyZDI5ZWZkMTA5MGExYjk", "a" * 10_000, "\0"]:
        response = await client.post("query($id: ID!){job(id:$id){id}}", {"id": bad})
        assert _codes(response.json()) == ["BAD_USER_INPUT"]
        assert response.json()["data"] == {"job": None}


def _codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


async def test_null_where_an_argument_has_a_default_is_the_clients_fault(client: Client) -> None:
    response = await client.post("query($by: ProductSort) { products(sortBy: $by) { nodes { id } } }", {"by": None})
    (error,) = response.json()["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["products"])
    assert error["message"].endswith("not to be null.")
