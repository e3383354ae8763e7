"""When connections are kept, and when they end.

A connection that is kept for the next request ends after an answer that says so, never while a request may be on its
way. WebSockets whose other end is dead, or does not read, are ended for good.
"""

import asyncio
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Close

from graphql_api.patience import PatientProtocol

MOST_MESSAGE = 64 * 1024
"""The largest message of a client in bytes, all its frames together."""

MOST_FRAMES, FRAMES_PER_SECOND = 100, 25
"""How many frames a client may send at once, and how many more each second: messages, their parts and pings."""

MOST_PARTS = 100
"""How many frames a message may come in."""

CLOSING_SECONDS = 2.0
"""How long the other end may take to receive what was sent before the socket was closed."""


LINGER_SECONDS = 0.3
"""How long a connection on which nothing happens is still listened to, once no others are taken."""


class HttpProtocol(PatientProtocol):
    """Closes what is kept as soon as it ends, but not when a request has just been sent."""

    @override
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.app_state["ending"].has_begun and self.cycle is not None:
            self.cycle.keep_alive = False

    @override
    def shutdown(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]  # None at first
            super().shutdown()
        else:
            self.loop.call_later(LINGER_SECONDS, self._end_if_quiet)

    def _end_if_quiet(self) -> None:
        if self in self.connections:  # else it is closed, or a WebSocket has it
            super().shutdown()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's, which pings each 20 seconds.

    It waits for ever until a closed socket has sent all it still holds, and takes any number of frames at once.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (uvicorn's own)
        super().__init__(*args, **kwargs)
        self._allowed, self._counted_at = float(MOST_FRAMES), self.loop.time()
        self._is_over = False

    @override
    def data_received(self, data: bytes) -> None:
        """Bit by bit: what is read at once has room for thousands of frames, which nobody else waits for."""
        for start in range(0, len(data), _BIT):
            if self._is_over or self.transport.is_closing():
                return
            super().data_received(data[start : start + _BIT])
            if not self.handshake_initiated and self.conn.handshake_exc:
                self._refuse_handshake()

    @override
    def handle_events(self) -> None:
        now = self.loop.time()
        self._allowed += (now - self._counted_at) * FRAMES_PER_SECOND
        self._allowed = min(self._allowed, float(MOST_FRAMES)) - len(self.conn.events)
        self._counted_at = now
        if self._allowed >= 0:
            super().handle_events()
        if self._allowed < 0 or len(self.frames) > MOST_PARTS:
            self._refuse(_TOO_MANY, "You send too many messages.")

    @override
    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self._refuse(_NO_TEXT, "A text is UTF-8.")
        else:
            super().send_receive_event_to_app()

    @override
    def handle_parser_exception(self) -> None:
        """Close the socket, and for a moment let go by what still comes: unread, it would cost the client our word."""
        close = self.conn.close_sent or _ABNORMALLY  # frames that came before the handshake was answered
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self._is_over = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        self._abort_soon()

    @override
    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    @override
    def shutdown(self) -> None:
        super().shutdown()
        self._abort_soon()

    @override
    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._abort_soon()

    def _refuse(self, code: int, reason: str) -> None:
        """Listen no more, and close the socket."""
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _refuse_handshake(self) -> None:
        """Answer a request that is not one for a WebSocket, or too large for one; uvicorn leaves it open."""
        self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
        self.transport.close()
        self._abort_soon()

    def _abort_soon(self) -> None:
        self.loop.call_later(CLOSING_SECONDS, self.transport.abort)


def _is_utf8(parts: list[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True


_BIT = 4096
_NO_TEXT, _TOO_MANY = 1007, 4429
_ABNORMALLY = Close(1006, "")
_BAD_REQUEST = STATUS_LINE[400] + b"content-length: 0\r\nconnection: close\r\n\r\n"
