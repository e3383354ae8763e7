"""What one API process holds from its start to its stop."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graphql_api.auth import Authenticator
from schema import indexes
from schema.cursors import Cursors
from schema.database import Database, connect_within
from schema.locks import Locks
from schema.passwords import PasswordHasher
from schema.throttle import Throttle
from schema.tokens import AccessTokens
from settings.config import Settings
from tasks.broker import Bell, Doorbell

CONNECT_SECONDS = 30.0
"""How long a process that is replaced waits for a MongoDB that is away; less than STOP_GRACE."""


@dataclass(frozen=True, slots=True)
class Services:
    """Opened once, shared by all requests."""

    database: Database
    doorbell: Doorbell
    bell: Bell
    passwords: PasswordHasher
    tokens: AccessTokens
    throttle: Throttle
    cursors: Cursors
    locks: Locks
    authenticator: Authenticator
    settings: Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """Open everything, and close it at the end."""
    database = await connect_within(CONNECT_SECONDS, settings.db_url, app_name="postberry-api")
    await indexes.create(database)
    doorbell = Doorbell(settings.redis_url)
    services = _services(settings, database, doorbell)
    try:
        yield services
    finally:
        await services.bell.close()
        services.passwords.close()
        await services.throttle.close()
        await doorbell.shutdown()
        await database.close()


def _services(settings: Settings, database: Database, doorbell: Doorbell) -> Services:
    tokens = AccessTokens(settings.signing_secret, settings.jwt_secret_previous.get_secret_value() or None)
    return Services(
        database=database,
        doorbell=doorbell,
        bell=Bell(doorbell),
        passwords=PasswordHasher(),
        tokens=tokens,
        throttle=Throttle(settings.redis_url),
        cursors=Cursors(hashlib.sha256(f"cursors:{settings.signing_secret}".encode()).digest()),
        locks=Locks(),
        authenticator=Authenticator(database, tokens),
        settings=settings,
    )
