"""Those who subscribe, in a process of their own: `python -m benchmarks.graphql.listeners '{"port": 8000, …}'`.

Each has a socket and one subscription. It is measured from when all of them have heard something.
"""

import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.graphql.documents import ORDER_UPDATED
from benchmarks.letters.measure import cpu_seconds

_AT_ONCE = 20
_PATIENCE = 60
_PERCENT = 100


@dataclass(frozen=True)
class Audience:
    """Who listens to which orders, their global ids, at which process, and for how long."""

    port: int
    pid: int
    token: str
    orders: Sequence[str]
    listeners: int
    seconds: float


@dataclass(frozen=True)
class Heard:
    """What they heard: CPU seconds of the process, and milliseconds from a change until they had word of it."""

    messages: int
    seconds: float
    cpu: float
    p50: float
    p99: float

    @property
    def microseconds(self) -> float:
        """Of CPU for each message."""
        return self.cpu / self.messages * 1e6


class Ears:
    """What all of them hear."""

    def __init__(self, listeners: int) -> None:
        self._deaf = listeners
        self.all_hear = asyncio.Event()
        self.delays: list[float] = []

    def hear(self, message: Any, *, is_first: bool) -> None:  # noqa: ANN401  # JSON is anything
        """Note how old the word is."""
        if message["type"] != "next" or message["payload"].get("errors"):
            raise RuntimeError(f"It said {message}")
        changed_at = datetime.fromisoformat(message["payload"]["data"]["orderUpdated"]["updatedAt"])
        self.delays.append((datetime.now(UTC) - changed_at).total_seconds() * 1000)
        self._deaf -= is_first
        if not self._deaf:
            self.all_hear.set()


async def listen(audience: Audience) -> Heard:
    """Open all sockets, and measure for the time that was said."""
    ears, gate = Ears(audience.listeners), asyncio.Semaphore(_AT_ONCE)
    orders = [audience.orders[number % len(audience.orders)] for number in range(audience.listeners)]
    tasks = [asyncio.create_task(_attend(audience, order, ears, gate)) for order in orders]
    try:
        await _unless_ended(tasks, ears.all_hear.wait, _PATIENCE)
        return await _measured(audience, ears, tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _measured(audience: Audience, ears: Ears, tasks: Sequence[asyncio.Task[None]]) -> Heard:
    ears.delays.clear()
    began, cpu = time.perf_counter(), cpu_seconds(audience.pid)
    await _unless_ended(tasks, asyncio.Event().wait, audience.seconds)
    percentiles = statistics.quantiles(ears.delays, n=_PERCENT, method="inclusive")
    seconds, used = time.perf_counter() - began, cpu_seconds(audience.pid) - cpu
    return Heard(len(ears.delays), seconds, used, percentiles[49], percentiles[98])


async def _unless_ended(
    tasks: Sequence[asyncio.Task[None]], until: Callable[[], Awaitable[object]], seconds: float
) -> None:
    """Wait so long at most; a listener that has nothing to listen to any more says why."""
    waiting = asyncio.ensure_future(until())
    done, _ = await asyncio.wait([waiting, *tasks], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        await task


async def _attend(audience: Audience, order: str, ears: Ears, gate: asyncio.Semaphore) -> None:
    async with gate:
        socket = await _opened(audience)
        variables = {"id": order}
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": ORDER_UPDATED, "variables": variables}}
        await socket.send(orjson.dumps(subscribe), text=True)
    is_first = True
    async for message in socket:
        ears.hear(orjson.loads(message), is_first=is_first)
        is_first = False


async def _opened(audience: Audience) -> ClientConnection:
    url, spoken = f"ws://127.0.0.1:{audience.port}/graphql", [Subprotocol("graphql-transport-ws")]
    socket = await connect(url, subprotocols=spoken, compression=None, ping_interval=None, open_timeout=_PATIENCE)
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {audience.token}"}}
    await socket.send(orjson.dumps(init), text=True)
    while orjson.loads(await socket.recv())["type"] != "connection_ack":
        pass
    return socket


def main() -> None:
    """Say what was heard as JSON."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asdict(asyncio.run(listen(Audience(**json.loads(sys.argv[1])))))))


if __name__ == "__main__":
    main()
