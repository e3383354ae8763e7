"""The API processes of one program: started, replaced when they die or on SIGHUP, and ended."""

import os
import signal
import time
from contextlib import suppress
from multiprocessing import connection
from socket import socket
from types import FrameType

import structlog
from typing_extensions import override
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from graphql_api.ending import REPLACED
from settings import sharing
from settings.config import EXIT_BAD_SETTINGS

log = structlog.get_logger(__name__)


class Supervisor(Multiprocess):
    """Uvicorn's. Here processes hear of a signal at once, a second one kills them, and SIGHUP loses no request.

    `grace` is how long they may take to end, in seconds. Create it in the main thread.
    """

    def __init__(self, config: Config, sockets: list[socket], grace: float) -> None:
        super().__init__(config, sockets)
        self.status = 0
        self._grace = grace
        self._deadline = float("inf")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    @property
    def is_ending(self) -> bool:
        """Whether it was told to end."""
        return self._deadline < float("inf")

    @override
    def restart_all(self) -> None:
        """Replace each process by one that serves already; it stops at the first that does not come to that."""
        for index, old in enumerate(self.processes):
            new = Process(self.config, self.sockets)
            new.start()
            if not new.wait_until_ready(self.config.timeout_worker_healthcheck) or self.is_ending:
                event = f"the new process {_fate(new)}; the old one stays"
                log.error(event, pid=new.pid, status=new.exitcode)
                new.kill()
                return
            self.processes[index] = new
            _tell(old, REPLACED)
            old.join()

    @override
    def terminate_all(self) -> None:
        """Tell all to end. Once they have closed their copies of the socket too, new connections are refused."""
        self._deadline = min(self._deadline, time.monotonic() + self._grace)
        super().terminate_all()
        for listener in self.sockets:
            listener.close()

    @override
    def join_all(self) -> None:
        """Wait for all, and kill those that take too long."""
        while left := [process for process in self.processes if process.process.is_alive()]:
            if time.monotonic() > self._deadline:
                log.critical("api processes did not end in time and are killed", pids=[each.pid for each in left])
                self.status = os.EX_SOFTWARE
                _kill(left)
            connection.wait([each.process.sentinel for each in left], timeout=0.1)

    def _hear(self, number: int, _: FrameType | None) -> None:
        if self.is_ending:
            log.warning("told to end once more, what runs is cut off")
            _kill(self.processes)
            sharing.forget()
            os._exit(128 + number)
        self._deadline = time.monotonic() + self._grace
        self.signal_queue.append(number)
        for process in self.processes:
            _tell(process, signal.SIGTERM)


def _fate(new: Process) -> str:
    """Why a process does not serve, in words."""
    if new.exitcode is None:
        return "is not ready in time"
    meaning = {EXIT_BAD_SETTINGS: ": bad settings", STARTUP_FAILURE: ": its start failed"}
    return f"ended with {new.exitcode}{meaning.get(new.exitcode, '')}"


def _tell(process: Process, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, number)


def _kill(processes: list[Process]) -> None:
    for process in processes:
        process.process.kill()
