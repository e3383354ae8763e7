"""What a collector is told of requests, and what it is not."""

import pytest
from bson import ObjectId

from graphql_api.errors import MASKED
from graphql_api.execution.run import MOST_WATCHED
from schema.database import Database
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Collections, serving
from tests.support.jobs import owe, set_due
from tests.support.otlp import CLIENT, ERROR, SERVER, Receiver, Traced
from tests.support.sockets import listening, socket

pytestmark = pytest.mark.anyio

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HOSTILE = (
    "",
    "00",
    "x" * 60_000,
    "00-" + "0" * 32 + "-" + "0" * 16 + "-01",
    f"ff-{TRACE}-{PARENT}-01",
    f"00-{TRACE}-{PARENT}-01-" + "a" * 1_000,
    f"00-{TRACE.upper()}-{PARENT}-01",
    f"00-{TRACE}-{PARENT}-01, 00-{TRACE}-{PARENT}-01",
    "00-" + "é" * 32 + f"-{PARENT}-01",
)


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return settings.model_copy(update={"otel_exporter_otlp_endpoint": receiver.url})


def _requests(receiver: Receiver) -> list[Traced]:
    return [span for span in receiver.spans if span.kind == SERVER]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query Mine { mine: me { user { id } } }", "query me"),
        ("{ me { user { id } } categories { nodes { id } } }", "query"),
        ('mutation { nodeless: jobCancel(input: {id: "x"}) { job { id } } }', "mutation jobCancel"),
        ("{ tellNobody }", "POST /graphql"),
        ("{ me {", "POST /graphql"),
    ],
)
async def test_a_request_is_named_by_what_the_schema_names(
    settings: Settings, receiver: Receiver, query: str, name: str
) -> None:
    async with serving(settings) as client:
        await client.post(query)
    (request,) = _requests(receiver)
    assert (request.name, request.parent) == (name, "")


async def test_what_a_client_makes_up_names_nothing(settings: Settings, receiver: Receiver) -> None:
    async with serving(settings) as client:
        await client.http.get("/nowhere/at/all?token=swordfish")
        await client.http.request("BREW", "/graphql")
        await client.http.get("/live")
    assert [request.name for request in _requests(receiver)] == ["GET", "other /graphql", "GET /live"]
    assert b"swordfish" not in b"".join(receiver.bodies)


@pytest.mark.parametrize("given", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_traceparent_that_is_none_is_passed_over(settings: Settings, receiver: Receiver, given: str) -> None:
    async with serving(settings) as client:
        headers = [(b"traceparent", given.encode()), (b"tracestate", b"x" * 10_000), (b"baggage", b"secret=1")]
        answer = await client.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    (request,) = _requests(receiver)
    assert (answer.status_code, request.parent, len(request.trace)) == (200, "", 32)
    assert request.trace != TRACE


async def test_who_asked_is_named_by_an_id(settings: Settings, receiver: Receiver, collections: Collections) -> None:
    async with serving(settings) as client:
        await (await client.signed_up()).data("{ me { user { email } } }")
    user = await collections["users"].find_one()
    (request,) = receiver.named("query me")
    assert user is not None
    assert request.attributes["user.id"] == str(user["_id"])
    assert b"ada@example.com" not in b"".join(receiver.bodies)


async def test_an_error_of_the_client_has_its_code_and_its_type(settings: Settings, receiver: Receiver) -> None:
    async with serving(settings) as client:
        assert await client.codes('mutation { x: jobCancel(input: {id: "swordfish"}) { job { id } } }')
    (field,), (request,) = receiver.named("jobCancel"), _requests(receiver)
    assert field.attributes == {"error.type": "UNAUTHENTICATED", "exception.type": "Unauthenticated"}
    assert request.attributes["graphql.errors"] == ["UNAUTHENTICATED"]
    assert [field.status.code, request.status.code] == [0, 0]


async def test_a_fault_of_ours_is_masked(settings: Settings, receiver: Receiver, collections: Collections) -> None:
    await collections["categories"].insert_one({"_id": ObjectId(), "slug": "swordfish", "name": {"swordfish": 1}})
    async with serving(settings) as client:
        assert await client.codes("{ categories { nodes { id name } } }") == ["INTERNAL_SERVER_ERROR"]
    (field,), (request,) = receiver.named("categories"), _requests(receiver)
    assert field.attributes["error.type"] == request.attributes["error.type"] == "INTERNAL_SERVER_ERROR"
    assert field.attributes["exception.type"] == "GraphQLError"
    assert [(span.status.code, span.status.message) for span in (field, request)] == [(ERROR, MASKED)] * 2
    assert b"swordfish" not in b"".join(receiver.bodies)


async def test_no_more_fields_have_a_span_than_are_of_use(settings: Settings, receiver: Receiver) -> None:
    async with serving(settings) as client:
        await client.post("{" + " ".join(f"a{number}: __typename" for number in range(MOST_WATCHED + 5)) + "}")
    assert len(receiver.named("__typename")) == MOST_WATCHED


async def test_what_is_read_below_a_field_belongs_to_it(settings: Settings, receiver: Receiver) -> None:
    async with serving(settings) as client:
        await client.data("{ categories { nodes { id } } products { nodes { id } } }")
    fields = {name: receiver.named(name)[0].id for name in ("categories", "products")}
    commands = [span for span in receiver.spans if span.kind == CLIENT]
    parents = {str(span.attributes["db.mongodb.collection"]): span.parent for span in commands}
    assert {name: parents[name] for name in fields} == fields


async def test_a_subscription_is_a_span_that_follows_the_request_for_its_socket(
    settings: Settings, receiver: Receiver, database: Database
) -> None:
    job_id = await owe(database)
    async with listening(settings) as url:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "socket-0001"}
        async with socket(url, additional_headers=headers) as client:
            await client.init()
            await client.watch(to_global_id("Job", job_id))
            assert await client.status() == "QUEUED"
            await client.send("complete", id="1")
            await client.send("ping")
            assert await client.receive() == {"type": "pong"}
            await set_due(database, job_id)
    (request,) = _requests(receiver)
    (field,) = receiver.named("jobUpdated")
    assert (request.name, request.trace, request.parent) == ("subscription jobUpdated", TRACE, PARENT)
    assert (field.parent, request.attributes["request.id"]) == (request.id, "socket-0001")
    assert "find" in {span.name.rpartition(".")[2] for span in receiver.spans if span.parent == request.id}
