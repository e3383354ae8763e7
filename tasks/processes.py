"""The worker processes of one program: started, replaced when they die, and ended."""

import os
import signal
import time
from contextlib import suppress
from multiprocessing import Process, connection, parent_process
from types import FrameType

import structlog
from taskiq.cli.worker.args import WorkerArgs
from taskiq.cli.worker.process_manager import ProcessManager, ShutdownAction
from taskiq.cli.worker.run import start_listen
from typing_extensions import override

HURRY = signal.SIGUSR1
"""Tells a worker process that ends to wait for nothing."""

HURRY_SECONDS = 3.0
"""How long it may take even so."""

log = structlog.get_logger(__name__)


class WorkerProcesses(ProcessManager):
    """Taskiq's, which replaces a process that dies. Here the processes hear of a signal at once, and of a second one.

    `grace` is how long they may take to end, in seconds. Create it in the main thread.
    """

    def __init__(self, args: WorkerArgs, grace: float) -> None:
        super().__init__(args, start_listen)
        self._grace = grace
        self._deadline = float("inf")
        self._status = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    @override
    def start(self) -> int:
        """Run until a signal ends it; the exit status."""
        super().start()
        while left := [worker for worker in self.workers if worker.is_alive()]:
            if time.monotonic() > self._deadline:
                self._kill(left)
            connection.wait([worker.sentinel for worker in left], timeout=0.1)
        return self._status

    def _hear(self, number: int, _: FrameType | None) -> None:
        if parent_process():  # a process that has only just been forked
            raise SystemExit(0)
        is_first = self._deadline == float("inf")
        self._deadline = time.monotonic() + (self._grace if is_first else HURRY_SECONDS)
        if is_first:
            self.action_queue.put(ShutdownAction())  # once: a second signal in the middle of it would wait for itself
        else:
            self._status = 128 + number
        self._tell(signal.SIGTERM if is_first else HURRY)

    def _tell(self, number: int) -> None:
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.kill(worker.pid or 0, number)

    def _kill(self, left: list[Process]) -> None:
        log.critical("worker processes did not end in time and are killed", pids=[worker.pid for worker in left])
        self._status = self._status or os.EX_SOFTWARE
        for worker in left:
            worker.kill()
