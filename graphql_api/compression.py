"""Answers to queries by gzip or brotli, where that is worth its time.

Compressed answers tell by their length whether what somebody wrote into the request also stands elsewhere in the answer
(BREACH). Tokens are in the answers to mutations, so only those to queries are compressed; and no page of another origin
gets a browser to send one with our cookies.
"""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from graphql_api.facts import Facts

LEAST = 1024
"""The smallest answer that is compressed, in bytes: a smaller one fits into a packet as it is."""

BROTLI_QUALITY, GZIP_LEVEL = 3, 3
"""A page of 50 products shrinks to 40% by either. A step more takes brotli twice the time, for a hundredth of that."""

_ENDPOINT = "/graphql"


def middleware() -> Middleware:
    """Of all else, files are compressed already, and probes are answered in a line."""
    add_compress_type("application/graphql-response+json")
    return Middleware(Compression)


class Compression:
    """Compresses what may be, by the library; `Vary` says so also to who takes no compression."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["path"] == _ENDPOINT:
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the library only what is worth it: to ask it costs as much as all that a small answer takes."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        async def repeat(_: Scope, __: Receive, send: Send) -> None:
            for message in answer:
                await send(message)

        await self._app(scope, receive, keep)
        sent = _compressed(repeat) if _may_be_compressed(scope, answer) else repeat
        await sent(scope, receive, send)


def _compressed(app: ASGIApp) -> ASGIApp:
    return CompressMiddleware(app, minimum_size=LEAST, zstd=False, brotli_quality=BROTLI_QUALITY, gzip_level=GZIP_LEVEL)


def _may_be_compressed(scope: Scope, answer: Sequence[Message]) -> bool:
    facts: Facts = scope["state"]["facts"]
    return facts.operation == "query" and sum(len(message.get("body", b"")) for message in answer) >= LEAST
