"""What a client sends to MongoDB, seen by the driver itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent
from typing_extensions import override

Document = dict[str, Any]


class Commands(CommandListener):
    """The commands so far, without those that the driver sends on its own account."""

    def __init__(self) -> None:
        self.sent: list[Document] = []

    @property
    def names(self) -> list[str]:
        """Their names, in their order."""
        return [next(iter(command)) for command in self.sent]

    @override
    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(dict(event.command))

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    @override
    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
def commands() -> Commands:
    """What has been sent to `collection`."""
    return Commands()


@pytest.fixture
async def collection(mongodb_url: str, commands: Commands) -> AsyncIterator[AsyncCollection[Document]]:
    """A new collection whose commands are seen."""
    async with AsyncMongoClient[Document](mongodb_url, tz_aware=True, event_listeners=[commands]) as client:
        yield client.get_default_database()["things"]
