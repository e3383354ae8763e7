"""How much and how long a connection is listened to before it is a request, and how long an answer waits to be read.

Uvicorn waits for ever, for any length.
"""

import asyncio
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

REQUEST_SECONDS = 10.0
"""How long a request may take to come, its body included, and a connection to begin with one."""

READING_SECONDS = 60.0
"""How long the other end may take to make room for more of an answer."""

UPLOAD_SECONDS = 120.0
"""The same for one with files."""

MOST_HEAD = 64 * 1024
"""The largest head of a request in bytes: its target and its headers."""

_MOST_UNREAD = MOST_HEAD + 4 * HIGH_WATER_LIMIT
"""What may come in of a head whose headers are not to be told apart yet: the limit, and what one read may bring."""

_TOO_LARGE, _TOO_SLOW = 431, 408
FORM, UPLOADS_GO_TO = b"multipart/form-data", b"/graphql"


class HeadTooLargeError(Exception):
    """Ends the parsing of a request."""


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's, whose patience has an end."""

    reading_seconds = READING_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (uvicorn's own)
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._is_in_head = False
        self._head = self._received = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._wait(REQUEST_SECONDS)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self._end_unread()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.reading_seconds, self.transport.abort)

    @override
    def resume_writing(self) -> None:
        self._end_unread()
        super().resume_writing()

    @override
    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_in_head:
            self._received += len(data)
            if self._received > _MOST_UNREAD:
                self._refuse(_TOO_LARGE)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head, self._received = True, 0, 0
        if self._deadline is None:
            self._wait(REQUEST_SECONDS)

    @override
    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._is_in_head:  # what comes behind the body is no header: proxies have not looked at it
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if self._brings_files():
            self._wait(UPLOAD_SECONDS)
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """What the parser's errors end in."""
        if self._head > MOST_HEAD:
            self._refuse(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _brings_files(self) -> bool:
        form = any(name == b"content-type" and value.lower().startswith(FORM) for name, value in self.headers)
        return form and self.url.partition(b"?")[0] == UPLOADS_GO_TO

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MOST_HEAD:
            raise HeadTooLargeError

    def _wait(self, seconds: float | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._refuse, _TOO_SLOW)

    def _end_unread(self) -> None:
        if self._unread:
            self._unread.cancel()

    def _refuse(self, status: int) -> None:
        """Close the connection; say why, unless an answer is on its way."""
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None at first
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
