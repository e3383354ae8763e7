"""Who does what a job says: the handler is found by the class of the message."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from schema.jobs.messages import Message
from schema.jobs.service import Claim
from tasks.errors import PermanentError

Handler = Callable[[Claim, Any], Awaitable[None]]
"""Does what one message says. `Temporary-` or `PermanentError` is how it says that it could not."""

Handlers = Mapping[type[Message], Handler]
"""By the class of their messages, or by a base of it: the nearest one counts."""


def dispatch(handlers: Handlers) -> Handler:
    """A handler of every message that one of these is for."""

    async def handle(claim: Claim, message: Message) -> None:
        await _find(handlers, type(message))(claim, message)

    return handle


def _find(handlers: Handlers, message: type[Message]) -> Handler:
    for base in message.__mro__:
        if base in handlers:
            return handlers[base]
    raise PermanentError("UNKNOWN_KIND", f"This worker has no handler for {message.__name__}.")
