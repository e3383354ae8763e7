"""WebSockets whose other end is dead, or does not read, are ended for good."""

import asyncio

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CLOSING_SECONDS = 2.0
"""How long the other end may take to receive what was sent before the socket was closed."""


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
