"""WebSockets that are opened as they should be, and frames that are not."""

import base64
import json
from collections.abc import Iterator

from tests.support.malformed.raw import spread_fragments


def socket(sent: bytes) -> bytes:
    """A WebSocket that is opened as it should be, and then this."""
    key = base64.b64encode(b"0123456789abcdef")
    upgrade = b"Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    protocol = b"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    return b"GET /graphql HTTP/1.1\r\n" + upgrade + protocol + sent


def _frame(payload: bytes, first: int = 0x81) -> bytes:
    """As a client sends it: masked, by zeros."""
    size = len(payload)
    length = (
        bytes([0x80 | size])
        if size < 126
        else b"\xfe" + size.to_bytes(2)
        if size < 65_536
        else b"\xff" + size.to_bytes(8)
    )
    return bytes([first]) + length + b"\x00" * 4 + payload


def frames() -> Iterator[bytes]:
    """What is sent of a socket after it is open."""
    hello = _frame(b'{"type":"connection_init"}')
    for text in (
        b"",
        b"{",
        b"null",
        b"1",
        b"[]",
        b"{}",
        b'{"type":1}',
        b'{"type":"x"}',
        b"\xff",
        b"\x00",
        b"[" * 60_000,
        b"a" * 70_000,
    ):
        yield _frame(text)
    for text in (
        b'{"type":"subscribe"}',
        b'{"type":"subscribe","id":1}',
        b'{"type":"complete"}',
        b'{"type":"connection_init"}',
    ):
        yield hello + _frame(text)
    for query in (
        "{",
        "{__typename}",
        "subscription{jobUpdated(id:1){id}}",
        "subscription{a}",
        "\ud800",
        spread_fragments(),
        "x" * 30_000,
    ):
        yield hello + _frame(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}).encode())
    payloads: list[object] = [None, 1, [], {"Authorization": 1}, {"Authorization": "Bearer x"}]
    for payload in (*payloads, {"Authorization": ["x"] * 5_000}):
        yield _frame(json.dumps({"type": "connection_init", "payload": payload}).encode())
    for first in (0x83, 0x8B, 0xC1, 0x00, 0x01, 0x82, 0x88, 0x89, 0x8A):
        yield _frame(b"\x00\x01", first)
    yield b"\x81\xff" + b"\xff" * 8
    yield b"\x81\x05hello"
    yield b"\x88\x80\x00\x00\x00\x00"
    yield bytes(range(256))
