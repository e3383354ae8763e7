"""Connections that send too much, too slowly, or nothing, against the real program."""

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from graphql_api.patience import MOST_HEAD, PatientProtocol
from tests.support.application import Client
from tests.support.processes import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HALF = b"POST /graphql HTTP/1.1\r\nHost: x\r\n"
LONG_BODY = HALF + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


async def _connect(api: Server, sent: bytes = b"") -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(api.url).port)
    writer.write(sent)
    return reader, writer


async def _answer(connection: Connection, within: float = 30) -> bytes:
    """All that comes until the connection is closed."""
    reader, writer = connection
    async with asyncio.timeout(within):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_head_of_the_largest_size_is_read(client: Client) -> None:
    answer = await client.http.get("/live", headers={"X-Large": "a" * (MOST_HEAD - 1000)})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /live HTTP/1.1\r\nX-Large: " + b"a" * MOST_HEAD + b"\r\n\r\n",
        b"GET /live?" + b"a" * MOST_HEAD + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /live HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 10_000 + b"\r\n",
    ],
    ids=["one header", "the target", "many headers"],
)
async def test_a_larger_one_is_refused(api: Server, head: bytes) -> None:
    assert (await _answer(await _connect(api, head))).startswith(b"HTTP/1.1 431 ")


async def test_a_header_without_end_is_not_kept(api: Server) -> None:
    reader, writer = await _connect(api, b"GET /live HTTP/1.1\r\nX-Large: ")
    answer = asyncio.create_task(reader.read(13))

    async def is_refused() -> bool:
        writer.write(b"a" * 65_536)
        return answer.done()

    await eventually(is_refused, "The refusal", 30)
    assert answer.result() == b"HTTP/1.1 431 "
    writer.transport.abort()


async def test_what_is_not_sent_within_ten_seconds_is_given_up_while_others_are_served(api: Server) -> None:
    sent = [b"", HALF, LONG_BODY, b"\r\n"]
    connections = [await _connect(api, sent[number % len(sent)]) for number in range(500)]
    answers = asyncio.gather(*(_answer(connection) for connection in connections))
    served = 0
    async with httpx.AsyncClient(base_url=api.url) as http:
        while not answers.done():
            answer = await http.post("/graphql", json={"query": "{__typename}"})
            assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})
            served += 1
    assert {answer[:12] for answer in await answers} == {b"HTTP/1.1 408"}
    assert served


async def test_a_request_that_comes_in_time_is_answered_and_the_connection_kept(api: Server) -> None:
    reader, writer = await _connect(api, b"GET /live HT")
    for piece in (b"TP/1.1\r\nHos", b"t: x\r\n\r\n", b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
        writer.write(piece)
        await writer.drain()
    assert (await _answer((reader, writer))).count(b"HTTP/1.1 200 OK") == 2


class Hasty(PatientProtocol):
    """The same, for a test that waits for it."""

    reading_seconds = 0.5


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    given_up = asyncio.Event()

    async def endless(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        disconnected = asyncio.ensure_future(receive())
        while not disconnected.done():
            await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
            await asyncio.sleep(0)
        given_up.set()

    config = Config(endless, http=Hasty, lifespan="off", log_config=None)
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    async with await loop.create_server(lambda: Hasty(config, state, {}), "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30):
            await given_up.wait()
        writer.transport.abort()


async def test_what_comes_behind_a_body_is_no_header(api: Server) -> None:
    body = b'{"query":"{__typename}"}'
    head = HALF + b"Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailers = b"Authorization: Bearer x\r\nX-Request-ID: from-behind\r\n\r\n"
    answer = await _answer(await _connect(api, head + b"%x\r\n%s\r\n0\r\n" % (len(body), body) + trailers))
    assert b'"data":{"__typename":"Query"}' in answer
    assert b"from-behind" not in answer


async def test_a_body_that_says_it_is_a_form_has_no_more_time_where_none_is_taken(api: Server) -> None:
    head = (
        b"POST /live HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n"
    )
    assert (await _answer(await _connect(api, head))).startswith(b"HTTP/1.1 405 ")
