"""The line that the API logs for each request, as an operator reads it."""

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from settings.config import Settings
from tests.support.application import Client
from tests.support.processes import Server
from tests.support.sockets import socket as websocket
from tests.support.waiting import until
from tests.support.worker import logged

pytestmark = pytest.mark.anyio

STANDARD = {"timestamp", "level", "event", "requestId", "pid", "program", "logger", "milliseconds", "bytes"}


async def test_a_request_is_one_line_that_says_all(client: Client, settings: Settings) -> None:
    ada = await client.signed_up()
    response = await ada.post(
        "query Secret { mine: me { user { id } } products { nodes { id } } }", x_request_id="log-00001"
    )
    (line,) = await _lines(settings, "log-00001")
    (user,) = {line["user"] for line in logged(settings) if line["event"] == "request" and line["user"]}
    assert {key: value for key, value in line.items() if key not in STANDARD} == {
        "method": "POST",
        "path": "/graphql",
        "operation": "query",
        "fields": ["me", "products"],
        "status": 200,
        "user": user,
        "errors": [],
        "refused": [],
    }
    assert (line["event"], line["level"], line["bytes"]) == ("request", "info", len(response.content))


async def test_it_says_what_people_typed_wrongly_by_code(client: Client, settings: Settings) -> None:
    await client.post(
        'mutation { userSignUp(input: {email: "x", password: "secret", name: ""}) { userErrors { code } } }',
        x_request_id="log-00007",
    )
    (line,) = await _lines(settings, "log-00007")
    assert (line["errors"], line["refused"]) == ([], ["INVALID", "TOO_SHORT"])


@pytest.mark.parametrize(
    ("query", "operation", "fields", "errors"),
    [
        ("{ a: __typename b: __typename }", "query", ["__typename"], []),
        (
            "{ ...F ... { ...F } ... on Query { x: node(id: 1) { id } } } fragment F on Query { me { __typename } }",
            "query",
            ["me", "node"],
            ["BAD_USER_INPUT"],
        ),
        ("query A { me { user { id } } } query B { categories { nodes { id } } }", None, [], ["BAD_USER_INPUT"]),
        ("{ tellNobody }", None, [], ["BAD_USER_INPUT"]),
        ("{ me {", None, [], ["BAD_USER_INPUT"]),
        ('mutation { j: jobCancel(input: {id: "x"}) { job { id } } }', "mutation", ["jobCancel"], ["UNAUTHENTICATED"]),
    ],
)
async def test_it_names_what_the_schema_names_and_nothing_else(  # noqa: PLR0913, PLR0917  (one row of the table)
    client: Client, settings: Settings, query: str, operation: str | None, fields: list[str], errors: list[str]
) -> None:
    await client.post(query, x_request_id="log-00002")
    (line,) = await _lines(settings, "log-00002")
    assert (line["operation"], line["fields"], line["errors"]) == (operation, fields, errors)


async def test_a_refused_token_is_an_error_of_nobodys_request(client: Client, settings: Settings) -> None:
    await Client(client.http, "swordfish").post("{ me { user { id } } }", x_request_id="log-00003")
    line = (await _lines(settings, "log-00003"))[-1]
    assert (line["operation"], line["user"], line["errors"]) == (None, None, ["UNAUTHENTICATED"])


async def test_a_path_is_escaped_and_cut_and_its_query_is_not_there(client: Client, settings: Settings) -> None:
    await client.http.get(
        "/files/%0d%0a%1b%5b2J%e2%80%ae%c2%9b" + "x" * 200 + "?signature=swordfish",
        headers={"X-Request-ID": "log-00004"},
    )
    (line,) = await _lines(settings, "log-00004")
    assert str(line["path"]).startswith("/files/%0D%0A%1B%5B2J%E2%80%AE%C2%9Bxxx")
    assert len(str(line["path"])) < 160
    assert "swordfish" not in str(line)


async def test_a_request_of_more_than_a_second_is_a_warning(api: Server, settings: Settings) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(api.url).port or 0)) as slow:
        slow.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Request-ID: log-00005\r\nContent-Type: application/json\r\n"
        )
        slow.sendall(b"Content-Length: 22\r\n\r\n")
        await asyncio.sleep(1.1)  # what is tested is that time
        slow.sendall(b'{"query":"{__typename}"}'[:22])
        assert slow.recv(100).startswith(b"HTTP/1.1 ")
    (line,) = await _lines(settings, "log-00005")
    assert (line["level"], line["event"], float(str(line["milliseconds"])) > 1000) == ("warning", "request", True)


async def test_a_subscription_is_a_line_when_it_is_over(api: Server, settings: Settings, client: Client) -> None:
    job_id = (await client.sign_up())["job"]["id"]
    async with websocket(api.url) as watching:
        await watching.init()
        await watching.watch(job_id)
        assert await watching.status() == "QUEUED"

    def told() -> bool:
        return any(line["event"] == "subscription" and line["fields"] == ["jobUpdated"] for line in logged(settings))

    await asyncio.to_thread(until, told, "The line of the subscription")


async def _lines(settings: Settings, request_id: str) -> list[dict[str, Any]]:
    """The lines of a request, once its last is there: it is written when the answer is out."""

    def lines() -> list[dict[str, Any]]:
        return [line for line in logged(settings) if line["requestId"] == request_id]

    await asyncio.to_thread(until, lambda: any(line["event"] == "request" for line in lines()), "Its line")
    return lines()
