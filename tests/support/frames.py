"""WebSocket frames that nobody sends in good faith, as bytes."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
INIT = b'{"type":"connection_init"}'


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bool = True, reserved: int = 0) -> bytes:
    """One frame; `reserved` are the bits that extensions have."""
    first = bytes([fin << 7 | reserved << 4 | opcode])
    size = _size(len(payload), mask << 7)
    if not mask:
        return first + size + payload
    key = os.urandom(4)
    return first + size + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def _size(length: int, mask: int) -> bytes:
    if length < 126:
        return bytes([mask | length])
    if length < 2**16:
        return bytes([mask | 126]) + length.to_bytes(2, "big")
    return bytes([mask | 127]) + length.to_bytes(8, "big")


def handshake(*headers: str) -> bytes:
    """The request for a socket."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /graphql HTTP/1.1",
        "Host: x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    ]
    own = [] if any(line.lower().startswith("sec-websocket-key") for line in headers) else [f"Sec-WebSocket-Key: {key}"]
    return "\r\n".join([*lines, *own, *headers, "", ""]).encode("latin-1")


@dataclass(frozen=True)
class Raw:
    """A connection on which anything can be sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def rest(self, within: float = 20) -> bytes:
        """All that comes until the server has closed the connection."""
        async with asyncio.timeout(within):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def close_code(self) -> int:
        """The code of the close frame, which is the last one that comes; 0: there was none."""
        received = await self.rest()
        while len(received) > 1 and received[0] & 15 != CLOSE:
            received = received[2 + received[1] :] if received[1] < 126 else b""
        return int.from_bytes(received[2:4], "big")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Raw]:
    """A connection to this server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Raw]:
    """A socket whose handshake is over."""
    async with connected(url) as raw:
        raw.writer.write(handshake())
        assert (await raw.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        yield raw
