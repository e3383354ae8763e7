"""What a database is asked, by whatever program, as its server's own profiler sees it.

async with watched(collections) as calls:
    await client.data(QUERY)
assert [call.collection for call in calls] == ["products", "categories"]
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A command as MongoDB took it, cut if it is longer than 50 kB; `plan` says by which index it was answered."""

    name: str
    collection: str
    command: Document
    plan: str
    returned: int
    sorts_in_memory: bool = False
    documents: int = 0

    @property
    def fields(self) -> set[str]:
        """What a `find` reads of each document."""
        return set(self.command["projection"])


@asynccontextmanager
async def watched(database: AsyncDatabase[Document]) -> AsyncIterator[list[Call]]:
    """The list of calls, filled when the block ends."""
    calls: list[Call] = []
    await database.command("profile", 2)
    yield calls
    await database.command("profile", 0)
    calls += [_call(step) async for step in database["system.profile"].find({"command.profile": None})]
    await database.drop_collection("system.profile")


def _call(step: Document) -> Call:
    collection = step["ns"].partition(".")[2]
    return Call(
        next(iter(step["command"])),
        collection,
        step["command"],
        step.get("planSummary", ""),
        step.get("nreturned", 0),
        step.get("hasSortStage", False),
        step.get("docsExamined", 0),
    )
