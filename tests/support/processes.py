"""Child processes that never outlive the one that started them."""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.waiting import until

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_STOP_DEADLINE = 20
_PORTS = range(10_000, 32_768)
"""Below those a system gives to outgoing connections: none of these takes a port before the server it is meant for."""


class ServerError(Exception):
    """A server that cannot be had; the message is one sentence for whoever typed the command."""


@dataclass(frozen=True)
class Server:
    """A running server. As a context manager it stops at the end."""

    url: str
    process: subprocess.Popen[bytes]
    leftovers: tuple[Path, ...] = ()

    @property
    def pid(self) -> int:
        """Its process id, for the signals a test sends."""
        return self.process.pid

    def stop(self) -> None:
        """End it in good order, and remove the lock files it would leave."""
        self.process.terminate()
        self.process.send_signal(signal.SIGCONT)  # a frozen process hears nothing else
        try:
            self.process.wait(_STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
        for path in self.leftovers:
            path.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def await_start(self, ready: Callable[[], bool], log: Path, deadline: float = 60) -> Self:
        """Itself, once `ready()`; a server that ends or dawdles is stopped.

        Raises:
            ServerError: it ended, or it was not ready in time.
        """
        try:
            until(lambda: self.process.poll() is not None or ready(), f"The start of {self.url}", deadline)
            self._refuse_if_ended(log)
        except BaseException:
            self.stop()
            raise
        return self

    def _refuse_if_ended(self, log: Path) -> None:
        if (status := self.process.poll()) is not None:
            program = Path(str(self.process.args[0])).name  # type: ignore[index]  # spawn() only takes sequences
            raise ServerError(f"{program} ended at its start with status {status}: {log} says why.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """A TCP port of 127.0.0.1 nobody listens on."""
    while accepts(port := secrets.choice(_PORTS)):
        pass
    return port


def accepts(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def spawn(
    argv: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a program that is killed when this thread ends, however that happens; call it from the main thread.

    It gets a process group of its own: Ctrl-C reaches the caller alone, who ends it when its users have gone.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(  # the programs are the ones this package names
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=tether(signal.SIGKILL),  # noqa: PLW1509  # it makes one system call, safe beside threads
        )


def tether(number: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program, so that it gets this signal when its parent dies."""
    parent = os.getpid()

    def tie() -> None:
        die_with_parent(number)
        if os.getppid() != parent:
            os._exit(os.EX_UNAVAILABLE)

    return tie


def die_with_parent(number: signal.Signals) -> None:
    """Ask for this signal when the parent dies, also by SIGKILL. Only Linux can."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
