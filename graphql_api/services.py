"""What one API process holds from its start to its stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from schema import indexes
from schema.database import Database, connect
from schema.passwords import PasswordHasher
from settings.config import Settings
from tasks.broker import Bell, Doorbell


@dataclass(frozen=True, slots=True)
class Services:
    """Opened once, shared by all requests."""

    database: Database
    doorbell: Doorbell
    bell: Bell
    passwords: PasswordHasher


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """Open everything, and close it at the end."""
    database = await connect(settings.db_url, app_name="postberry-api")
    await indexes.create(database)
    doorbell = Doorbell(settings.redis_url)
    services = Services(database, doorbell, Bell(doorbell), PasswordHasher())
    try:
        yield services
    finally:
        await services.bell.close()
        services.passwords.close()
        await doorbell.shutdown()
        await database.close()
