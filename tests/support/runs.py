"""`make run`, started by a test."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import accepts, free_port
from tests.support.waiting import until


class Run:
    """A `make run` in a folder of its own, of what `procfile` lists."""

    def __init__(self, folder: Path, procfile: str = "Procfile.dev", **environment: str) -> None:
        self.folder = folder
        self.procfile = procfile
        self.port = free_port()
        self.output = folder / "output"
        self.environment = {
            **os.environ,
            "PORT": str(self.port),
            "PRODUCTS": "0",
        } | environment

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """The runner, ended with the block."""
        with self.output.open("wb") as output, self._popen(stdout=output, stderr=output) as runner:
            try:
                yield runner
            finally:
                _end(runner)

    def refused(self) -> str:
        """What it says to standard error when it does not start."""
        with self._popen(stdout=subprocess.PIPE, stderr=subprocess.PIPE) as runner:
            output, errors = runner.communicate(timeout=30)
        assert (runner.returncode, output) == (1, b"")
        return errors.decode()

    def _popen(self, stdout: object, stderr: object) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "tests.support.run", self.procfile]
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]  # a file or PIPE
            argv,
            cwd=self.folder,
            env=self.environment,
            stdout=stdout,
            stderr=stderr,
        )

    def said(self, pattern: str) -> list[str]:
        """What it has said so far that fits."""
        return re.findall(pattern, self.output.read_text())

    def await_urls(self) -> None:
        """Return when it has printed the last line of the box."""
        until(lambda: self.said("Stop +Ctrl-C"), "The box with the URLs", 30)
        until(lambda: self.said("working|worker ready"), "The worker", 30)

    def ports(self) -> list[int]:
        """Every port something of this run listens on."""
        return [self.port, *map(int, self.said(r"listening on \w+://127\.0\.0\.1:(\d+)"))]

    def is_over(self) -> bool:
        """Whether nothing of it listens any more."""
        return not any(accepts(port) for port in self.ports())


def _end(runner: subprocess.Popen[bytes]) -> None:
    runner.terminate()
    try:
        runner.wait(90)  # longer than it takes to kill what does not end
    except BaseException:
        runner.kill()
        raise
