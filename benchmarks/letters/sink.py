"""A mail server that takes every letter and counts those to different recipients: `python -m benchmarks.letters.sink`.

It does no more than it must, so that it is never what is measured. `COUNT` asks for the count, `RSET` does nothing.
"""

import asyncio
import sys
from typing import cast

import uvloop
from typing_extensions import override

HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
OK = b"250 OK\r\n"
END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, recipients: set[bytes]) -> None:
        self._recipients = recipients
        self._recipient = b""
        self._buffer = b""
        self._in_letter = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(END if self._in_letter else b"\r\n")) >= 0:
            said = self._buffer[:end]
            self._buffer = self._buffer[end + (len(END) if self._in_letter else 2) :]
            self._transport.write(self._accept() if self._in_letter else self._answer(said))

    def _accept(self) -> bytes:
        self._recipients.add(self._recipient)
        self._in_letter = False
        return OK

    def _answer(self, command: bytes) -> bytes:
        match command[:4].upper():
            case b"RCPT":
                self._recipient = command
            case b"DATA":
                self._in_letter = True
                return b"354 Go on\r\n"
            case b"EHLO":
                return HELLO
            case b"COUN":
                return b"250 %d\r\n" % len(self._recipients)
        return OK


async def serve(port: int) -> None:
    """Until it is killed."""
    recipients: set[bytes] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(recipients), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
