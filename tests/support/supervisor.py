"""Honcho, with no process left behind whatever ends it."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from honcho import manager  # type: ignore[import-untyped]  # Honcho ships no types
from honcho.printer import Message  # type: ignore[import-untyped]  # the same
from honcho.process import Popen, Process  # type: ignore[import-untyped]  # the same

from tests.support.changes import RELOADED, Taken, follow
from tests.support.processes import die_with_parent, tether
from tests.support.screen import Screen

_SIGNALLED = (130, 143)


class TetheredProcess(Process):  # type: ignore[misc]  # Honcho ships no types
    """Ends with Honcho; its command is asked to end then, as on Ctrl-C.

    The command should begin with `exec`: it is the shell that is asked.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Honcho's own
        super().__init__(*args, **kwargs)
        self._child_ctor = _tethered_shell

    def run(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Honcho's own
        """What Honcho runs in a process of its own."""
        die_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # for the command too, until it has a handler: it loads later
        super().run(*args, **kwargs)


def _tethered_shell(command: str, **kwargs: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401  # Honcho's own
    shell: subprocess.Popen[bytes] = Popen(command, preexec_fn=tether(signal.SIGTERM), **kwargs)
    return shell


class Supervisor(manager.Manager):  # type: ignore[misc]  # Honcho ships no types
    """Runs the programs of a Procfile; `grace` is what they get between SIGTERM and SIGKILL, in seconds.

    Beside them, in threads, `announce` says something, and changes of the sources are followed.

    Honcho's own trips over a signal that comes before every program has started, and counts no grace when a signal
    ends it: here the signal waits for the starts, and the grace begins with it.
    """

    def __init__(self, grace: float, announce: Callable[[Callable[[str], None]], None]) -> None:
        taken = Taken()
        super().__init__(Screen(taken.hear))
        manager.KILL_WAIT = grace
        self._process_ctor = TetheredProcess
        self._announce = threading.Thread(target=announce, args=[self._say], daemon=True)
        self._over = threading.Event()
        self._follow = threading.Thread(target=follow, args=[self._over, self._say, self.reload, taken], daemon=True)

    @property
    def exit_status(self) -> int:
        """0 when a signal ended it, else 1: some program ended by itself."""
        return 0 if self.returncode in _SIGNALLED else 1

    def loop(self) -> None:
        """Run until all have ended."""
        try:
            super().loop()
        finally:
            self._over.set()
            self._follow.join()  # the interpreter must not end under it

    def reload(self) -> None:
        """Let the programs take sources that have changed."""
        for name in RELOADED:
            if pid := self._processes.get(name, {}).get("pid"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGHUP)

    def terminate(self) -> None:
        """Ask every program to end."""
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        return self.returncode in _SIGNALLED or super()._any_stopped()

    def _start(self) -> None:
        super()._start()
        self._announce.start()
        self._follow.start()

    def _say(self, text: str) -> None:
        self.events.put(Message("line", text, datetime.now(), "system", None))  # noqa: DTZ005  # local, as Honcho's


def path_with(folder: str) -> str:
    """PATH with this folder first, so that `python` in a Procfile is the one that runs us."""
    return os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
