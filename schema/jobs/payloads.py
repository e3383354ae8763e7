"""Messages as rows keep them."""

from typing import Any

import bson

from schema.jobs.messages import MESSAGES, JobKind, Message

MOST_BYTES = 1_000_000
"""Of a message, as a row keeps it: what is larger belongs into the storage of files."""


class MessageTooLargeError(ValueError):
    """A message that no row should hold; nothing is owed."""

    def __init__(self, kind: JobKind, size: int) -> None:
        super().__init__(f"A {kind.value} of {size:,} bytes: a message has at most {MOST_BYTES:,}.")


class UnknownKindError(ValueError):
    """A row of a kind that this version does not know."""

    def __init__(self, kind: object) -> None:
        super().__init__(f"This version knows no jobs of the kind {kind!r}.")


def parse(kind: str, payload: dict[str, Any]) -> Message:
    """The message of a row. UnknownKindError, or another ValueError where this version cannot read the payload."""
    if kind not in MESSAGES:
        raise UnknownKindError(kind)
    return MESSAGES[kind].model_validate(payload)


def storable(message: Message) -> dict[str, Any]:
    """The payload that `parse` reads again."""
    payload = message.model_dump(mode="json")
    size = len(bson.encode(payload))
    if size > MOST_BYTES:
        raise MessageTooLargeError(message.kind, size)
    return payload
