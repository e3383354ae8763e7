import os
import sys
from pathlib import Path

import pytest

from tests.support.processes import spawn
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PROGRAM = """
import multiprocessing, os, signal, sys, time
from settings.parent import end_with_parent, is_orphan

def child(stubborn):
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(0.2)
    print(os.getpid(), is_orphan(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    end_with_parent(0.2)
    for stubborn in (False, True):
        multiprocessing.get_context(sys.argv[1]).Process(target=child, args=(stubborn,)).start()
    time.sleep(600)
"""


def _said(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines() if line.endswith(("True", "False"))]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_end_with_their_parent_also_those_that_do_not_listen(tmp_path: Path, method: str) -> None:
    script, log = tmp_path / "program.py", tmp_path / "output"
    script.write_text(PROGRAM)
    program = spawn([sys.executable, script, method], log, {**os.environ, "PYTHONPATH": str(ROOT)})
    until(lambda: len(_said(log)) == 2, "Both children", 60)
    assert program.poll() is None
    program.kill()
    program.wait()
    until(lambda: not any(_lives(int(pid)) for pid, _ in _said(log)), "The end of both children", 30)
    assert {orphan for _, orphan in _said(log)} == {"False"}
