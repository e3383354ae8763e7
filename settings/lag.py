"""How long the event loop keeps others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Histogram

from settings.background import in_background

LOOK_SECONDS = 0.25
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@asynccontextmanager
async def lag_measured(registry: CollectorRegistry) -> AsyncIterator[None]:
    """While the block runs, see four times a second how late this loop is."""
    name, text = "postberry_event_loop_lag_seconds", "How much later than asked for the event loop woke a task."
    lag = Histogram(name, text, buckets=BUCKETS, registry=registry)
    async with in_background(_measure(lag), "loop lag"):
        yield


async def _measure(lag: Histogram) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        before = clock()
        await asyncio.sleep(LOOK_SECONDS)
        lag.observe(max(0.0, clock() - before - LOOK_SECONDS))
