"""Sockets on which nobody speaks in good faith: they are closed, nobody else notices, and the log stays calm."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from graphql_api.keepalive import MOST_FRAMES, MOST_MESSAGE, MOST_PARTS
from settings.config import Settings
from tests.support.application import Client
from tests.support.frames import BINARY, CLOSE, CONTINUATION, INIT, PING, TEXT, connected, frame, handshake, opened
from tests.support.processes import Server
from tests.support.sockets import socket
from tests.support.waiting import eventually
from tests.support.worker import logged

pytestmark = pytest.mark.anyio

FAR_TOO_MANY = 50_000
PINGS = frame(TEXT, b'{"type":"ping"}') * FAR_TOO_MANY
FRAMES: dict[str, tuple[bytes, set[int]]] = {
    "not masked": (frame(TEXT, INIT, mask=False), {1002}),
    "as if compressed": (frame(TEXT, INIT, reserved=4), {1002}),
    "reserved bits": (frame(TEXT, INIT, reserved=3), {1002}),
    "an unknown kind": (frame(3, INIT), {1002}),
    "an unknown control": (frame(11, b""), {1002}),
    "binary": (frame(BINARY, INIT), {4400}),
    "empty": (frame(TEXT), {4400}),
    "no UTF-8": (frame(TEXT, b"\xff\xfe{"), {1007}),
    "no UTF-8 in parts": (frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION, b'"'), {1007}),
    "a part of nothing": (frame(CONTINUATION, INIT), {1002}),
    "a message within another": (frame(TEXT, b"{", fin=False) + frame(TEXT, INIT), {1002}),
    "a ping in parts": (frame(PING, b"a", fin=False), {1002}),
    "a large ping": (frame(PING, b"a" * 126), {1002}),
    "a large close": (frame(CLOSE, b"\x03\xe8" + b"a" * 4_000), {1002}),
    "a close of one byte": (frame(CLOSE, b"\x03"), {1002}),
    "a close with a code there is not": (frame(CLOSE, (5).to_bytes(2, "big")), {1002}),
    "a close that is no UTF-8": (frame(CLOSE, b"\x03\xe8\xff\xff"), {1007}),
    "a close within a message": (frame(TEXT, b"{", fin=False) + frame(CLOSE, b"\x03\xe8"), {1000, 1002}),
    "too large": (frame(TEXT, b" " * (MOST_MESSAGE + 1)), {1009}),
    "large by its word alone": (bytes([0x81, 0xFF]) + (2**62).to_bytes(8, "big"), {1009}),
    "too large in parts": (frame(TEXT, b" " * 40_000, fin=False) + frame(CONTINUATION, b" " * 40_000), {1009}),
    "in too many parts": (
        frame(TEXT, b" ", fin=False) + frame(CONTINUATION, b"", fin=False) * (MOST_PARTS + 5),
        {4429},
    ),
    "too many pings": (frame(PING) * FAR_TOO_MANY, {4429}),
    "too many pongs": (frame(10) * FAR_TOO_MANY, {4429}),
    "too many messages": (frame(TEXT, b'{"type":"pong"}') * FAR_TOO_MANY, {4429}),
    "noise": (bytes(range(256)) * 40, {1002}),
}
HANDSHAKES = {
    "a bad version": ("Sec-WebSocket-Version: 12",),
    "a bad key": ("Sec-WebSocket-Key: short",),
    "no base64": ("Sec-WebSocket-Key: ####",),
    "a long header": ("X-Long: " + "a" * 20_000,),
    "many headers": tuple(f"X-{number}: a" for number in range(300)),
    "bytes above ASCII": ("X-Odd: \xff\xfe",),
    "bad extensions": ("Sec-WebSocket-Extensions: ;;;permessage-deflate;=",),
    "a bad protocol": ("Sec-WebSocket-Protocol: a b ,, \xff",),
}


@pytest.fixture(name="client")
async def _client(api: Server) -> AsyncIterator[Client]:
    """A client of the program that the frames go to."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        yield Client(http)


async def test_frames_that_cannot_be_close_the_socket(api: Server, client: Client, settings: Settings) -> None:
    codes = await asyncio.gather(*(_close_code(api.url, sent) for sent, _ in FRAMES.values()))
    for (name, (_, expected)), code in zip(FRAMES.items(), codes, strict=True):
        assert code in expected, name
    await _is_well(client, settings)


async def test_frames_that_come_before_the_handshake_is_answered_harm_nobody(
    api: Server, client: Client, settings: Settings
) -> None:
    answers = await asyncio.gather(*(_answer(api.url, handshake() + sent) for sent, _ in FRAMES.values()))
    for name, answer in zip(FRAMES, answers, strict=True):
        assert answer[:12] in {b"", b"HTTP/1.1 101"}, name
    await _is_well(client, settings)


async def test_a_handshake_that_cannot_be_is_answered_and_the_connection_closed(
    api: Server, client: Client, settings: Settings
) -> None:
    end = frame(CLOSE, b"\x03\xe8")
    answers = await asyncio.gather(*(_answer(api.url, handshake(*headers) + end) for headers in HANDSHAKES.values()))
    for name, answer in zip(HANDSHAKES, answers, strict=True):
        assert answer[:12] in {b"HTTP/1.1 101", b"HTTP/1.1 400", b"HTTP/1.1 426", b"HTTP/1.1 431"}, name
    await _is_well(client, settings)


async def test_messages_in_parts_are_understood(api: Server) -> None:
    async with opened(api.url) as raw:
        raw.writer.write(frame(TEXT, INIT[:7], fin=False) + frame(PING) + frame(CONTINUATION, INIT[7:]))
        assert b'{"type":"connection_ack"}' in await raw.reader.readuntil(b"}")


async def test_as_many_messages_as_a_client_may_send_are_answered(api: Server) -> None:
    async with socket(api.url) as client:
        await client.init()
        for _ in range(MOST_FRAMES - 10):
            await client.send("ping")
        for _ in range(MOST_FRAMES - 10):
            assert await client.receive() == {"type": "pong"}


async def test_others_are_answered_while_many_sockets_are_flooded(api: Server, client: Client) -> None:
    flood = asyncio.gather(*(_close_code(api.url, PINGS) for _ in range(10)))
    while not flood.done():
        assert await client.data("{__typename}") == {"__typename": "Query"}
    assert await flood == [4429] * 10


async def _close_code(url: str, sent: bytes) -> int:
    async with opened(url) as raw:
        raw.writer.write(sent)
        return await raw.close_code()


async def _answer(url: str, sent: bytes) -> bytes:
    """All that comes, until the server has closed the connection."""
    async with connected(url) as raw:
        raw.writer.write(sent)
        return await raw.rest()


async def _is_well(client: Client, settings: Settings) -> None:
    assert await client.data("{__typename}") == {"__typename": "Query"}

    async def are_closed() -> bool:
        metrics = (await client.http.get("/metrics")).text
        return "postberry_websockets 0.0" in metrics

    await eventually(are_closed, "The end of every socket")
    assert [line for line in logged(settings) if line["level"] in {"error", "critical"}] == []
