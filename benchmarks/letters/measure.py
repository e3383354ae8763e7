"""What a worker does while it sends: watched from outside, by the mail server's count and by /proc."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import accepts, free_port, spawn

POLL_SECONDS = 0.02
PATIENCE = 900
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """One run."""

    per_second: float
    microseconds: float


class Sink:
    """The mail server, and its count."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._lines = self._connection.makefile("rb")
        self._lines.readline()

    def count(self) -> int:
        """How many recipients have got a letter."""
        self._connection.sendall(b"COUNT\r\n")
        return int(self._lines.readline().split()[1])

    def wait(self, count: int) -> None:
        """Until so many have."""
        end = time.monotonic() + PATIENCE
        while self.count() < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.count()} of {count} letters came")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Stop asking."""
        self._lines.close()
        self._connection.close()


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    """A mail server of one run's own."""
    port = free_port()
    process = spawn([sys.executable, "-m", "benchmarks.letters.sink", str(port)], folder / "sink.log")
    while not accepts(port):
        time.sleep(POLL_SECONDS)
    sink = Sink(port)
    try:
        yield sink
    finally:
        sink.close()
        process.kill()
        process.wait()


def measure(sink: Sink, pid: Callable[[], int], warm: int, count: int) -> Figures:
    """From the letter that ends the warm-up to the last."""
    sink.wait(warm)
    began, cpu, sent = time.monotonic(), cpu_seconds(pid()), sink.count()
    sink.wait(count)
    took, used = time.monotonic() - began, cpu_seconds(pid()) - cpu
    return Figures((count - sent) / took, used / (count - sent) * 1e6)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_megabytes(pid: int) -> float:
    """The memory a process has now."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def api_megabytes(parent: int) -> float:
    """The memory of the process that serves: beside it the parent has one that only keeps count of semaphores."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max(resident_megabytes(int(pid)) for pid in children)
