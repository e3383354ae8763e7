"""When connections are kept, and when they end.

A connection that is kept for the next request ends after an answer that says so, never while a request may be on its
way. WebSockets whose other end is dead, or does not read, are ended for good.
"""

import asyncio

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from graphql_api.patience import PatientProtocol

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
    """Uvicorn's, which pings each 20 seconds. It waits for ever until a closed socket has sent all it still holds."""

    @override
    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    @override
    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(CLOSING_SECONDS, self.transport.abort)

    @override
    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(CLOSING_SECONDS, self.transport.abort)
