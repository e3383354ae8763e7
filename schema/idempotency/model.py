"""What is kept of a mutation that came with an idempotency key."""

from datetime import datetime, timedelta
from typing import Any

from odmantic import Field, Model
from pymongo import ASCENDING, IndexModel

from schema.inputs import Input, Key, LongKey
from schema.times import utc_now

LIFETIME = timedelta(days=1)
"""How long the same key and arguments are answered by what was done the first time."""


class IdempotencyRecord(Model):
    """A mutation that was done, and what it answered. MongoDB removes it after a day.

    `id` and `request_digest` are keyed hashes: neither keys nor passwords can be read, or guessed, from them.
    """

    id: str = Field(primary_field=True)
    request_digest: str
    result: dict[str, Any]
    created_at: datetime = Field(default_factory=utc_now)

    model_config = {
        "collection": "idempotency_keys",
        "indexes": lambda: [
            IndexModel([("created_at", ASCENDING)], name="expiry", expireAfterSeconds=int(LIFETIME.total_seconds())),
        ],
    }


class OwnKey(Input):
    """The key of somebody who is signed in: each has a namespace of their own."""

    idempotency_key: Key


class SharedKey(Input):
    """The key of somebody who is not: all of them share one namespace, so a short key might be another's as well."""

    idempotency_key: LongKey
