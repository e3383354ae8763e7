"""A letter as the mail server takes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One recipient, and the bytes they get."""

    sender: str
    recipient: str
    content: bytes
