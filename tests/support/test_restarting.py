import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.restarting import Restarting
from tests.support.waiting import until
from tests.support.worker import ROOT

PROGRAM = """
import pathlib, signal, sys, time
def finish(*_):
    print("told", flush=True)
    while not pathlib.Path("finished").exists():
        time.sleep(0.01)
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
print("began", flush=True)
if pathlib.Path("faulty").exists():
    sys.exit(5)
while True:
    signal.pause()
"""


class Restarted:
    """The program under it, in a folder whose files say how it fares."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        (folder / "finished").touch()

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """It, ended with the block."""
        argv = [sys.executable, "-m", "tests.support.restarting", sys.executable, "-c", PROGRAM]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (
            self.output.open("wb") as output,
            subprocess.Popen(
                argv, cwd=self.folder, env=env, stdout=output, stderr=output, start_new_session=True
            ) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def await_count(self, word: str, count: int) -> None:
        """Return when it has been said so often."""
        until(lambda: self.output.read_text().count(word) == count, f"{count} times {word}", 30)


def test_it_is_started_anew_once_it_has_finished(tmp_path: Path) -> None:
    program = Restarted(tmp_path)
    with program.started() as process:
        program.await_count("began", 1)
        (tmp_path / "finished").unlink()
        process.send_signal(signal.SIGHUP)
        program.await_count("told", 1)
        assert program.output.read_text().count("began") == 1
        (tmp_path / "finished").touch()
        program.await_count("began", 2)
        assert program.output.read_text().split() == ["began", "told", "began"]


def test_more_changes_do_not_cut_off_what_it_finishes(tmp_path: Path) -> None:
    output = tmp_path / "output"
    restarting = Restarting(["sh", "-c", f"cd {tmp_path}; exec {sys.executable} -c '{PROGRAM}' > {output}"])
    until(lambda: output.exists() and "began" in output.read_text(), "Its beginning", 30)
    restarting.hear(signal.SIGHUP)
    until(lambda: "told" in output.read_text(), "What it was told", 30)
    restarting.hear(signal.SIGHUP)
    (tmp_path / "finished").touch()
    until(lambda: restarting.hear(signal.SIGTERM) == 0, "Its end", 30)
    assert output.read_text().split() == ["began", "told"]


def test_a_signal_to_its_group_reaches_the_program_once(tmp_path: Path) -> None:
    program = Restarted(tmp_path)
    with program.started() as process:
        program.await_count("began", 1)
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0
    assert program.output.read_text().split() == ["began", "told"]


def test_the_first_one_that_ends_by_itself_ends_it(tmp_path: Path) -> None:
    program = Restarted(tmp_path)
    (tmp_path / "faulty").touch()
    with program.started() as process:
        assert process.wait(30) == 5


def test_one_that_ends_after_a_change_is_tried_again_at_the_next(tmp_path: Path) -> None:
    program = Restarted(tmp_path)
    with program.started() as process:
        program.await_count("began", 1)
        (tmp_path / "faulty").touch()
        process.send_signal(signal.SIGHUP)
        program.await_count("ended with status 5: it is tried again at the next change", 1)
        (tmp_path / "faulty").unlink()
        process.send_signal(signal.SIGHUP)
        program.await_count("began", 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_told_to_end_while_it_waits_for_a_change_it_ends(tmp_path: Path) -> None:
    program = Restarted(tmp_path)
    with program.started() as process:
        program.await_count("began", 1)
        (tmp_path / "faulty").touch()
        process.send_signal(signal.SIGHUP)
        program.await_count("tried again", 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 5
