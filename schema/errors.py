"""The errors a client may cause or meet.

    DomainError
    ├── InvalidInput        what the user typed: `userErrors` of the mutation's payload
    └── RequestError        what the client did: a top-level error with `extensions.code`
        ├── BadUserInput    BAD_USER_INPUT
        ├── NotFound        NOT_FOUND
        ├── Unauthenticated UNAUTHENTICATED
        ├── Forbidden       FORBIDDEN
        ├── RateLimited     RATE_LIMITED, with `retryAfter`
        ├── QueryTooComplex QUERY_TOO_COMPLEX
        └── TimedOut        TIMEOUT

Anything else that is raised is a fault of ours: logged with its trace, answered as INTERNAL_SERVER_ERROR.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class UserErrorCode(StrEnum):
    """What is wrong with a value, for programs; the message says it to people."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105  (a code)
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    TAKEN = "TAKEN"
    ARCHIVED = "ARCHIVED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that was refused: where it stands in the input, what to tell the user, and the code."""

    field: tuple[str, ...]
    message: str
    code: UserErrorCode


class DomainError(Exception):
    """An error whose text may be shown to the client."""


class InvalidInput(DomainError):  # noqa: N818
    """Values the user typed that were refused; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class RequestError(DomainError):
    """A request that cannot be answered; `code` is stable."""

    code = "BAD_USER_INPUT"


class BadUserInput(RequestError):  # noqa: N818
    """A request whose arguments make no sense, like an id that is none."""

    code = "BAD_USER_INPUT"


class NotFound(RequestError):  # noqa: N818
    """What the request names is not there, or not for this client."""

    code = "NOT_FOUND"


class Unauthenticated(RequestError):  # noqa: N818
    """Nobody is signed in, or what was shown as proof of it does not hold."""

    code = "UNAUTHENTICATED"


class Forbidden(RequestError):  # noqa: N818
    """The viewer does not hold the permission."""

    code = "FORBIDDEN"


class RateLimited(RequestError):  # noqa: N818
    """Too many tries; the next one is heard after `retry_after` seconds."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Too many tries. Try again in {math.ceil(retry_after)} seconds.")
        self.retry_after = math.ceil(retry_after)


class QueryTooComplex(RequestError):  # noqa: N818
    """The document asks for more than one request may."""

    code = "QUERY_TOO_COMPLEX"


class TimedOut(RequestError):  # noqa: N818
    """What was asked for took too long, and nothing of it was done."""

    code = "TIMEOUT"
