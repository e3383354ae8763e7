"""Load on one server by a process of its own: `python -m benchmarks.graphql.load '{"port": 8000, …}'`.

Plain sockets that are kept, one request at a time on each, and no more work for an answer than to see that it is whole
and tells of no error: what generates the load takes a core from what is measured.
"""

import json
import re
import select
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.graphql.cpu import cpu_seconds

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b" 200 "
_PERCENT = 100


@dataclass(frozen=True)
class Load:
    """What to send to which process; as many seconds, or as many requests, as come first."""

    port: int
    pid: int
    bodies: str
    """A file with a line for each body; they are sent in turns."""

    token: str | None = None
    seconds: float = 3600
    requests: int = 10**9
    connections: int = 32


@dataclass(frozen=True)
class Run:
    """What came of it: CPU seconds of the process, and milliseconds until an answer was there."""

    requests: int
    seconds: float
    cpu: float
    p50: float
    p99: float

    @property
    def microseconds(self) -> float:
        """Of CPU for each request."""
        return self.cpu / self.requests * 1e6

    @property
    def per_second(self) -> float:
        """Requests."""
        return self.requests / self.seconds


class Connection:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._whole = 0
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Send it, and keep the time."""
        self._buffer, self._whole, self._sent_at = b"", 0, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> float | None:
        """What the answer took, once it is whole; RuntimeError if it tells of an error."""
        received = self.socket.recv(262_144)
        self._buffer = self._buffer + received if self._buffer else received
        self._whole = self._whole or _size(self._buffer)
        if not self._whole or len(self._buffer) < self._whole:
            self._refuse_if(not received)
            return None
        took = time.perf_counter() - self._sent_at
        self._refuse_if(_OK not in self._buffer[:16] or b'"errors":' in self._buffer)
        return took

    def _refuse_if(self, is_fault: bool) -> None:  # noqa: FBT001  # what is checked
        if is_fault:
            raise RuntimeError(f"It answered {self._buffer[:2000].decode()!r}")


def _size(buffer: bytes) -> int:
    """The bytes of the answer, head and body; 0 while its head is not whole."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = _LENGTH.search(buffer, 0, end)
    if length is None:
        raise RuntimeError(f"An answer without a length: {buffer[:500]!r}")
    return end + 4 + int(length[1])


def requests_of(load: Load) -> list[bytes]:
    """The requests as they go over the wire."""
    fields = [f"Host: 127.0.0.1:{load.port}", "Content-Type: application/json", "Accept: application/json"]
    fields += [f"Authorization: Bearer {load.token}"] if load.token else []
    head = "\r\n".join(["POST /graphql HTTP/1.1", *fields, "Content-Length: "]).encode()
    bodies = Path(load.bodies).read_bytes().splitlines()
    return [head + str(len(body)).encode() + b"\r\n\r\n" + body for body in bodies]


class Supply:
    """The requests that are still to be sent: until there are enough, or it is time."""

    def __init__(self, load: Load) -> None:
        self._requests = cycle(requests_of(load))
        self._left = load.requests
        self._end = time.perf_counter() + load.seconds

    def is_over(self) -> bool:
        """Whether nothing more is sent."""
        return self._left <= 0 or time.perf_counter() > self._end

    def send(self, connection: Connection) -> None:
        """One of them."""
        self._left -= 1
        connection.send(next(self._requests))


def run(load: Load) -> Run:
    """Send until it is enough, and wait for what is still on its way."""
    with ExitStack() as stack:
        connections = [Connection(load.port) for _ in range(min(load.connections, load.requests))]
        for connection in connections:
            stack.callback(connection.socket.close)
        supply, began, cpu = Supply(load), time.perf_counter(), cpu_seconds(load.pid)
        took = list(_answers(connections, supply))
        seconds, used = time.perf_counter() - began, cpu_seconds(load.pid) - cpu
    percentiles = statistics.quantiles(took, n=_PERCENT, method="inclusive")
    return Run(len(took), seconds, used, percentiles[49] * 1000, percentiles[98] * 1000)


def _answers(connections: Sequence[Connection], supply: Supply) -> Iterator[float]:
    waiting = {each.socket.fileno(): each for each in connections}
    with select.epoll() as poll:
        for number, connection in waiting.items():
            poll.register(number, select.EPOLLIN)
            supply.send(connection)
        while waiting:
            yield from filter(None, [_next(waiting, number, supply) for number, _ in poll.poll()])


def _next(waiting: dict[int, Connection], number: int, supply: Supply) -> float | None:
    """What an answer took, if it is whole; the connection gets another request, or has done its part."""
    took = waiting[number].receive()
    if took is not None and supply.is_over():
        del waiting[number]
    elif took is not None:
        supply.send(waiting[number])
    return took


if __name__ == "__main__":
    print(json.dumps(asdict(run(Load(**json.loads(sys.argv[1]))))))
