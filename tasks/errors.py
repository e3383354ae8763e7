"""How a job may end badly. Both carry a code that clients may see, and the whole text for operators.

JobError
├── TemporaryError      the next attempt may succeed
│   └── OutageError     when the server is back
└── PermanentError      no attempt will ever succeed
"""


class JobError(Exception):
    """A reason with a code; the message is for operators."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class TemporaryError(JobError):
    """Try again later: a server that is away, a mailbox that is full."""


class PermanentError(JobError):
    """Never try again: a recipient that does not exist, a payload that cannot be read."""


class OutageError(TemporaryError):
    """The server a job needs is away, or will have nothing to do with us: no word about this job."""
