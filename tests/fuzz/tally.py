"""What was compared, counted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from typing_extensions import override

from tests.fuzz.documents import Request
from tests.fuzz.equality import Answers
from tests.fuzz.errors import has_risen


@dataclass
class Tally:
    """Of some documents, or of all."""

    seen: set[bytes] = field(default_factory=set)
    """The hashes of the documents."""

    executions: int = 0
    with_errors: int = 0
    with_nulls: int = 0
    """Those in which an error made null what its field stands in."""

    refused: int = 0
    """Those whose variables were not what the document asks for."""

    difference: str | None = None
    """The first."""

    def see(self, request: Request) -> None:
        """Count a document."""
        self.seen.add(blake2b(request.text.encode(), digest_size=8).digest())

    def count(self, answers: Iterable[Answers]) -> None:
        """Count the answers to one."""
        for expected in (each.expected for each in answers):
            self.executions += 1
            self.with_errors += bool(expected.errors)
            self.with_nulls += has_risen(expected)
            self.refused += any(error.path is None for error in expected.errors or ())

    def add(self, other: "Tally") -> None:
        """Add what was counted elsewhere."""
        self.seen |= other.seen
        self.executions += other.executions
        self.with_errors += other.with_errors
        self.with_nulls += other.with_nulls
        self.refused += other.refused
        self.difference = self.difference or other.difference

    @override
    def __str__(self) -> str:
        return (
            f"{len(self.seen):,} documents, all different, executed {self.executions:,} times: "
            f"{self.with_errors:,} answers with errors, {self.with_nulls:,} of them with nulls that rose, "
            f"{self.refused:,} with variables that were refused; "
            f"{'differences found, the first one: ' if self.difference else '0 differences'}"
        )
