"""graphql-transport-ws: its messages, and the codes a socket is closed with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from graphql_api.request import GraphQLRequest, MalformedRequest, checked

NAME = "graphql-transport-ws"

LONGEST_REASON = 123
"""Bytes a close frame has room for."""


class CloseCode(IntEnum):
    """Why a socket is closed, as the subprotocol and RFC 6455 number it."""

    ABNORMAL = 1006
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429
    TOO_MANY = 4429  # clients of the subprotocol do not come again after it


class CloseSocket(Exception):  # noqa: N818  (an order rather than an error)
    """The socket has to be closed with this code and this reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The first message. `parameters` are whatever the client calls its connectionParams."""

    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """Wants a pong."""

    payload: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """Wants nothing."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Begins an operation."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """Ends an operation."""

    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def parse(text: str | None) -> Message:
    """The message of a text frame; CloseSocket for what is none, like a binary frame."""
    try:
        return _message(orjson.loads(text or ""))
    except orjson.JSONDecodeError:
        raise CloseSocket(CloseCode.BAD_REQUEST, "A message is JSON, as text.") from None
    except MalformedRequest as error:
        raise CloseSocket(CloseCode.BAD_REQUEST, str(error)) from None


def _message(fields: Any) -> Message:  # noqa: ANN401  (JSON is anything)
    match fields:
        case {"type": "connection_init"}:
            return ConnectionInit(_payload(fields) or {})
        case {"type": "ping"}:
            return Ping(_payload(fields))
        case {"type": "pong"}:
            _payload(fields)
            return Pong()
        case {"type": "subscribe", "id": str(operation), "payload": payload} if operation:
            return Subscribe(operation, checked(payload))
        case {"type": "complete", "id": str(operation)} if operation:
            return Complete(operation)
    raise CloseSocket(CloseCode.BAD_REQUEST, f"This is no message of {NAME}.")


def _payload(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    payload = fields.get("payload")
    if payload is not None and not isinstance(payload, Mapping):
        raise CloseSocket(CloseCode.BAD_REQUEST, "A payload is an object.")
    return payload
