"""The database of a test's settings, as the worker finds it: with its indexes."""

from collections.abc import AsyncIterator

import pytest

from schema import indexes
from schema.database import Database, connect
from settings.config import Settings


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = await connect(settings.db_url, app_name="tests")
    await indexes.create(database)
    yield database
    await database.close()
