"""What one request, or one job, works with."""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from odmantic import Model, ObjectId

from schema.access import Viewer
from schema.changes import Changes
from schema.cursors import Cursors
from schema.database import Database, Transaction
from schema.idempotency.service import Idempotency, IdempotentRequest
from schema.loaders import Loaders
from schema.locks import Locks
from schema.passwords import PasswordHasher
from schema.signatures import SignedUrls
from schema.storage import Storage
from schema.throttle import Throttle
from schema.tokens import AccessTokens

T = TypeVar("T")

Ring = Callable[[ObjectId], None]
"""Tells the workers that a job waits. Returns at once, never fails: a job nobody was told of is found all the same."""


@dataclass(frozen=True, slots=True)
class Client:
    """The program at the other end, as the connection and its headers show it: nothing here is proof of anything."""

    address: str = ""
    device: str = ""
    refresh_cookie: str | None = None
    idempotency_key: str | None = None
    is_anonymous: bool = False
    """Whether it shows nothing at all of who uses it: neither a token nor a cookie."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """Tokens that travel as cookies: set with the answer, or cleared by it when empty."""

    access: str = ""
    refresh: str = ""
    csrf: str = ""


@dataclass(slots=True)
class Answer:
    """What resolvers ask of the answer beyond its data."""

    cookies: Cookies | None = None


@dataclass(slots=True)
class Asked:
    """What the operation asks for: query, mutation or subscription, and its root fields by their keys in the answer."""

    operation: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Of each value of an input that was refused the mutation and the code."""

    when_valid: Callable[[], None] | None = None
    """Called once the document has turned out to be valid."""

    only_public: bool = False
    """Whether anybody's page could have had it sent: then it may ask for what is public, and nothing else."""

    public_seconds: int = 0
    """How long the answer may be given to anybody; 0: to nobody else."""


class Purse(Protocol):
    """What the client may still ask for."""

    def take(self, cost: float, fields: Iterable[str] = ()) -> float:
        """Spend that much, and ask once for each of these root fields: 0. Else nothing: the seconds until it may be."""

    def give_back(self, cost: float) -> None:
        """What was not needed."""

    def shown(self) -> dict[str, int]:
        """As the client reads it."""


@dataclass(slots=True)
class Running:
    """The mutation that runs now: those of a request run one after the other."""

    idempotent: IdempotentRequest | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Built anew for each request; resolvers and services take all they need from it."""

    database: Database
    loaders: Loaders
    ring: Ring
    passwords: PasswordHasher
    tokens: AccessTokens
    throttle: Throttle
    cursors: Cursors
    storage: Storage
    signed_urls: SignedUrls
    upload_max_bytes: int
    changes: Changes
    locks: Locks
    idempotency: Idempotency
    request_id: str
    nearby: Database | None = None
    seconds: float = 10.0
    """How long the request may be worked on."""

    upload_quota_files: int = 200
    upload_quota_bytes: int = 1_000_000_000
    """How much of what nothing needs yet each user may keep."""

    currency: str = "EUR"
    require_verified_email: bool = False
    viewer: Viewer | None = None
    client: Client = Client()
    purse: Purse | None = None
    """None: whoever it is may ask for anything."""

    answer: Answer = field(default_factory=Answer)
    asked: Asked = field(default_factory=Asked)
    running: Running = field(default_factory=Running)
    selections: dict[Hashable, frozenset[str]] = field(default_factory=dict)
    """What each field of the request selects of its documents, as `schema.selection` found it."""

    @property
    def reads(self) -> Database:
        """Where a query reads what may be a moment old: as READ_PREFERENCE says. All other operations: the primary."""
        return self.nearby if self.nearby and self.asked.operation == "query" else self.database

    def places(self, model: type[Model]) -> tuple[Database, ...]:
        """Where single documents are looked for, the next when they are not there: a secondary may not have them yet.

        Those that a client can follow, and has perhaps just changed, are read on the primary alone.
        """
        reads = self.reads
        if reads is self.database or self.changes.watches(model):
            return (self.database,)
        return (reads, self.database)

    async def in_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """`Database.in_transaction` for what creates or owes something: it happens once for each idempotency key."""
        request = self.running.idempotent
        return await self.database.in_transaction(request.recorded(work) if request else work)
