"""The answers of one process, for its schema and its settings."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import strawberry

from graphql_api.caching.answers import Answers
from graphql_api.caching.entries import Seal
from graphql_api.caching.hints import kinds_of
from graphql_api.caching.shelf import Shelf, Space
from settings.config import Settings
from settings.version import VERSION


@dataclass(frozen=True, slots=True)
class PublicData:
    """What of a schema is public: the kinds of documents, and what tells the schema from any other."""

    kinds: frozenset[str]
    fingerprint: str

    @classmethod
    def of(cls, schema: strawberry.Schema) -> Self:
        """As its hints say."""
        return cls(kinds_of(schema._schema), f"{VERSION}\n{schema.as_str()}")  # noqa: SLF001  (Strawberry shows it nowhere else)


def open_answers(settings: Settings, public: PublicData, database: str, counted: Callable[[str], None]) -> Answers:
    """Those of public data in the database of this name; Redis is asked when they are used. Close them."""
    equals = f"{public.fingerprint}\n{settings.db_url}\n{settings.api_url}\n{settings.currency}"
    key = _digest(f"answers:{settings.signing_secret}")
    space = Space(database, _digest(equals).hex()[:16], Seal(key))
    return Answers(Shelf(settings.redis_url, space), public.kinds, counted)


def _digest(told: str) -> bytes:
    return hashlib.blake2b(told.encode(), digest_size=32).digest()
