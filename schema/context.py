"""What one request, or one job, works with."""

from collections.abc import Callable
from dataclasses import dataclass

from odmantic import ObjectId

from schema.database import Database
from schema.passwords import PasswordHasher

Ring = Callable[[ObjectId], None]
"""Tells the workers that a job waits. Returns at once, never fails: a job nobody was told of is found all the same."""


@dataclass(frozen=True, slots=True)
class Context:
    """Built anew for each request; resolvers and services take all they need from it."""

    database: Database
    ring: Ring
    passwords: PasswordHasher
    request_id: str
