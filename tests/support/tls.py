"""TLS for the tests: an authority of their own, and a front that speaks it for servers which were built without."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme
from anyio.from_thread import start_blocking_portal

HOST = "127.0.0.1"


class Authority:
    """Who signs certificates, as files in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._ca = trustme.CA()
        self._folder = folder
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def certificate(self, name: str = HOST) -> Path:
        """A file with a key and the certificate of this name, for a server or a client."""
        path = self._folder / f"{name}.pem"
        self._ca.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(path)
        return path

    def server_context(self, name: str = HOST, *, asks_clients: bool = False) -> ssl.SSLContext:
        """What a server of this name speaks; if it asks them, clients have to show a certificate of this authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.file))
        context.load_cert_chain(self.certificate(name))
        context.verify_mode = ssl.CERT_REQUIRED if asks_clients else ssl.CERT_NONE
        return context


class Front:
    """Speaks TLS on a port of its own, and passes on what it hears to a port where plain text is spoken."""

    def __init__(self, behind: int, context: ssl.SSLContext) -> None:
        self.port = 0
        self.handshakes = 0
        self._behind = behind
        self._context = context
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self) -> asyncio.Server:
        """Accept connections on a free port."""
        server = await asyncio.start_server(self._serve, HOST, 0, ssl=self._context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def close(self, server: asyncio.Server) -> None:
        """Stop listening, and cut every connection."""
        server.close()
        for connection in self._open:
            connection.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handshakes += 1
        task = asyncio.create_task(self._join(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            inner, outer = await asyncio.open_connection(HOST, self._behind)
            ways = [asyncio.create_task(_pass_on(*way)) for way in ((reader, outer), (inner, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)
                await _cut(outer)
        await _cut(writer)


async def _cut(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(65_536):
            writer.write(said)
            await writer.drain()


@contextmanager
def tls_front(behind: int, context: ssl.SSLContext) -> Iterator[Front]:
    """TLS before the server on this port."""
    front = Front(behind, context)
    with start_blocking_portal() as portal:
        server = portal.call(front.listen)
        try:
            yield front
        finally:
            portal.call(front.close, server)
