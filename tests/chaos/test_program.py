import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import orjson

from settings import config
from tests.chaos.program import Program
from tests.support.processes import spawn


@contextmanager
def process(folder: Path) -> Iterator[Popen[bytes]]:
    started = spawn([sys.executable, "-c", "import signal; signal.pause()"], folder / "console.log")
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def program(folder: Path, *runs: Popen[bytes], ready: list[int]) -> Program:
    lines = [{"timestamp": "now", "event": "worker ready", "pid": pid} for pid in ready]
    (folder / "app.log").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    settings = config.Settings().model_copy(update={"log_dir": folder})
    return Program("tasks", "worker ready", settings, _runs=list(runs))


def test_a_process_that_got_the_id_of_one_of_ours_is_left_alone(tmp_path: Path) -> None:
    with process(tmp_path) as ours, process(tmp_path) as stranger:
        ready = [os.getpid(), stranger.pid, ours.pid]
        assert program(tmp_path, ours, ready=ready).children() == [ours.pid]


def test_a_process_that_has_ended_is_no_child(tmp_path: Path) -> None:
    with process(tmp_path) as ours:
        ours.send_signal(signal.SIGKILL)
        ours.wait()
        assert program(tmp_path, ours, ready=[ours.pid]).children() == []
