"""The API within the test's process."""

from collections.abc import AsyncIterator

import pytest

from settings.config import Settings
from tests.support.application import Client, serving


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with serving(settings) as client:
        yield client
