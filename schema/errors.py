"""The errors a client may cause or meet.

    DomainError
    ├── InvalidInput        what the user typed: `userErrors` of the mutation's payload
    └── RequestError        what the client did: a top-level error with `extensions.code`
        ├── BadUserInput    BAD_USER_INPUT
        └── NotFound        NOT_FOUND

Anything else that is raised is a fault of ours: logged with its trace, answered as INTERNAL_SERVER_ERROR.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class UserErrorCode(StrEnum):
    """What is wrong with a value, for programs; the message says it to people."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"


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
