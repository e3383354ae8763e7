"""Doing a mutation once for each idempotency key.

What it answered is recorded in the transaction of what it did, so the record is there if and only if that was done, and
nothing is ever in progress. Of two at once MongoDB lets one commit; the other runs again and finds the record.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from pymongo.asynchronous.client_session import AsyncClientSession

from schema.access import Viewer
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.idempotency.model import IdempotencyRecord, OwnKey, SharedKey
from schema.inputs import validate

T = TypeVar("T")


class Repeated(Exception):  # noqa: N818  # named as the other things a client may cause
    """This was done before; `result` is what was answered then."""

    def __init__(self, result: Document) -> None:
        super().__init__("This was done before.")
        self.result = result


@runtime_checkable
class Content(Protocol):
    """An argument that is too large to be compared itself."""

    async def digest(self) -> str:
        """The same for the same content alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """A mutation as it was sent, under the client's name for it.

    `place` tells apart the mutations that share the key of one request; `field` says where the key stands in the input.
    """

    key: str
    mutation: str
    arguments: dict[str, Any]
    place: str = ""
    field: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """How a call is recorded: under which id, and with which digest of what was sent."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A call that is done only if it was not done before; `shown` makes what is recorded of a service's answer."""

    identities: tuple[Identity, ...]
    field: tuple[str, ...]
    shown: Callable[[Any], Document]

    async def require_new(self, database: Database, session: AsyncClientSession | None = None) -> None:
        """Repeated if this was done before, InvalidInput if something else was, under the same key."""
        ids = [identity.id for identity in self.identities]
        record = await database.collection(IdempotencyRecord).find_one({"_id": {"$in": ids}}, session=session)
        if record is None:
            return
        if record["request_digest"] not in {identity.digest for identity in self.identities}:
            message = "Something else was sent with this idempotency key."
            raise InvalidInput([Fault(self.field, message, UserErrorCode.IDEMPOTENCY_KEY_REUSED)])
        raise Repeated(record["result"])

    def recorded(self, work: Callable[[Transaction], Awaitable[T]]) -> Callable[[Transaction], Awaitable[T]]:
        """The work of a transaction that leaves a record, or raises as `require_new` does and does nothing."""

        async def work_once(transaction: Transaction) -> T:
            await self.require_new(transaction.database, transaction.session)
            result = await work(transaction)
            await self._record(transaction, self.shown(result))
            return result

        return work_once

    async def _record(self, transaction: Transaction, result: Document) -> None:
        identity = self.identities[0]
        record = IdempotencyRecord(id=identity.id, request_digest=identity.digest, result=result)
        records = transaction.database.collection(IdempotencyRecord)
        await records.insert_one(record.model_dump_doc(), session=transaction.session)  # `save` would replace another's


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Tells calls apart. The first key names what is recorded; any finds it, so that a secret can be changed."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, *secrets: str) -> Self:
        """That of all processes which have this secret, the latest first."""
        return cls(tuple(hashlib.sha256(f"idempotency:{secret}".encode()).digest() for secret in secrets))

    async def request(self, viewer: Viewer | None, call: Call, shown: Callable[[Any], Document]) -> IdempotentRequest:
        """The call of a viewer; InvalidInput if its key is none."""
        validate(OwnKey if viewer else SharedKey, {"idempotency_key": call.key})
        body = [call.mutation, await _plain(call.arguments)]
        identities = tuple(_identity(key, viewer, call, body) for key in self.keys)
        return IdempotentRequest(identities, call.field, shown)


def _identity(key: bytes, viewer: Viewer | None, call: Call, body: list[Any]) -> Identity:
    """Clients without an account share one namespace: theirs is a call like no other only with what was sent.

    So nobody is told that a key is in use, and nobody can use up another's.
    """
    digest = _mac(key, body)
    scope = [str(viewer.id)] if viewer else ["", digest]
    return Identity(_mac(key, [*scope, call.mutation, call.place, call.key]), digest)


def _mac(key: bytes, parts: list[Any]) -> str:
    return hmac.digest(key, json.dumps(parts, sort_keys=True, default=str).encode(), "sha256").hex()


async def _plain(value: Any) -> Any:  # noqa: ANN401  # arguments are anything
    """An argument as JSON has it; what is null counts as left out, so that a new field makes no old call another."""
    if isinstance(value, Content):
        return await value.digest()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [await _plain(each) for each in value]
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        return {name: await _plain(each) for name, each in value.items() if each is not None}
    return value
