"""Those who subscribe, in a process of their own: `python -m benchmarks.graphql.listeners '{"port": 8000, …}'`.

Each has a socket and one subscription. When all are open it says so, and measures from the first word of a change.
"""

import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.graphql.cpu import cpu_seconds
from benchmarks.graphql.documents import ORDER_UPDATED

READY = "ready"
"""What it says first."""

_AT_ONCE = 20
_PATIENCE = 60
_SETTLING = 1.0
"""Seconds: a server has heard of the last subscription, and may still be making it."""
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
    """What all of them hear of changes from now on."""

    def __init__(self) -> None:
        self._since = datetime.now(UTC)
        self.delays: list[float] = []
        self.hear_something = asyncio.Event()

    def hear(self, message: Any) -> None:  # noqa: ANN401  # JSON is anything
        """Note how old the word is, if it is of a change."""
        if message["type"] != "next" or message["payload"].get("errors"):
            raise RuntimeError(f"It said {message}")
        changed_at = datetime.fromisoformat(message["payload"]["data"]["orderUpdated"]["updatedAt"])
        if changed_at > self._since:
            self.delays.append((datetime.now(UTC) - changed_at).total_seconds() * 1000)
            self.hear_something.set()


async def listen(audience: Audience) -> Heard:
    """Open all sockets, say that they are open, and measure for the time that was said."""
    ears, gate, opened = Ears(), asyncio.Semaphore(_AT_ONCE), asyncio.Barrier(audience.listeners + 1)
    orders = [audience.orders[number % len(audience.orders)] for number in range(audience.listeners)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_attend(audience, order, ears, gate, opened)) for order in orders]
        async with asyncio.timeout(_PATIENCE):
            await opened.wait()
        await asyncio.sleep(_SETTLING)
        print(READY, flush=True)
        heard = await _measured(audience, ears)
        for task in tasks:
            task.cancel()
    return heard


async def _measured(audience: Audience, ears: Ears) -> Heard:
    """From when something is heard."""
    async with asyncio.timeout(_PATIENCE):
        await ears.hear_something.wait()
    ears.delays.clear()
    began, cpu = time.perf_counter(), cpu_seconds(audience.pid)
    await asyncio.sleep(audience.seconds)
    seconds, used = time.perf_counter() - began, cpu_seconds(audience.pid) - cpu
    percentiles = statistics.quantiles(ears.delays, n=_PERCENT, method="inclusive")
    return Heard(len(ears.delays), seconds, used, percentiles[49], percentiles[98])


async def _attend(audience: Audience, order: str, ears: Ears, gate: asyncio.Semaphore, opened: asyncio.Barrier) -> None:
    async with gate:
        socket = await _opened(audience)
        variables = {"id": order}
        await _say(
            socket, {"id": "1", "type": "subscribe", "payload": {"query": ORDER_UPDATED, "variables": variables}}
        )
        await _say(socket, {"type": "ping"})
        await _hear_until("pong", socket)
    await opened.wait()
    async for message in socket:
        ears.hear(orjson.loads(message))


async def _opened(audience: Audience) -> ClientConnection:
    url, spoken = f"ws://127.0.0.1:{audience.port}/graphql", [Subprotocol("graphql-transport-ws")]
    socket = await connect(url, subprotocols=spoken, compression=None, ping_interval=None, open_timeout=_PATIENCE)
    await _say(socket, {"type": "connection_init", "payload": {"authorization": f"Bearer {audience.token}"}})
    await _hear_until("connection_ack", socket)
    return socket


async def _say(socket: ClientConnection, message: Any) -> None:  # noqa: ANN401  # JSON is anything
    await socket.send(orjson.dumps(message), text=True)


async def _hear_until(kind: str, socket: ClientConnection) -> None:
    while orjson.loads(await socket.recv())["type"] != kind:
        pass


def main() -> None:
    """Say what was heard as JSON."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asdict(asyncio.run(listen(Audience(**json.loads(sys.argv[1])))))))


if __name__ == "__main__":
    main()
