"""One of our programs as a supervisor of an operating system keeps it: started, killed, started anew."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from settings.config import Settings
from tests.chaos.logs import told
from tests.support.processes import spawn
from tests.support.waiting import until
from tests.support.worker import environment

_START_SECONDS = 90
_STOP_SECONDS = 60


@dataclass
class Program:
    """`event` is what each of its processes logs once it can work. Start it from the main thread."""

    module: str
    event: str
    settings: Settings
    arguments: Sequence[str] = ()
    variables: dict[str, str] = field(default_factory=dict)
    _runs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The process that was started last, parent of the others."""
        return self._runs[-1].pid

    def children(self) -> list[int]:
        """The processes of the last start that can work. An id of old may be that of somebody else's process by now."""
        return [pid for pid in self._ready() if _group(pid) == self.pid]

    def start(self) -> None:
        """Run it, and wait until it can work."""
        before = len(self._ready())
        console = self.settings.log_dir / f"console-{len(self._runs)}.log"
        argv = [sys.executable, "-m", self.module, *self.arguments]
        self._runs.append(spawn(argv, console, environment(self.settings) | self.variables))
        until(lambda: len(self._ready()) > before, f"The start of {self.module}", _START_SECONDS)

    def terminate(self) -> None:
        """Ask it to end, and wait until it has."""
        self._runs[-1].terminate()
        self._runs[-1].wait(_STOP_SECONDS)

    def signal_all(self, number: signal.Signals) -> None:
        """Send this to all its processes."""
        os.killpg(self.pid, number)

    def kill(self) -> None:
        """End all its processes as a power cut would."""
        self.signal_all(signal.SIGKILL)
        self._runs[-1].wait()

    def kill_child(self, dice: Random) -> None:
        """End one of the processes that work, once there is one, and wait until another can."""
        until(lambda: _kill_one(dice, self.children()), f"A process of {self.module}", _START_SECONDS)
        before = len(self._ready())
        until(lambda: len(self._ready()) > before, f"Another process of {self.module}", _START_SECONDS)

    def kill_parent(self) -> None:
        """End its first process alone."""
        self._runs[-1].kill()
        self._runs[-1].wait()

    def clear(self) -> None:
        """Leave nothing of any run."""
        for run in self._runs:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.wait()

    def _ready(self) -> list[int]:
        return [int(line["pid"]) for line in told(self.settings.log_dir, self.event)]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _kill_one(dice: Random, pids: Sequence[int]) -> bool:
    if not pids:
        return False
    with suppress(ProcessLookupError):
        os.kill(dice.choice(pids), signal.SIGKILL)
        return True
    return False
