"""Commands of a document, run as they stand, and programs under a stand-in for systemd."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import spawn

_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_SYSTEMCTL = """#!/bin/sh
case "$1 $2" in
  "reload postberry-api-1") exec kill -HUP "$(cat postberry-api-1.pid)" ;;
  "restart postberry-worker-1") exec kill -TERM "$(cat postberry-worker-1.pid)" ;;
esac
echo "there is no such unit: $*" >&2
exit 5
"""


def commands(document: str, section: str) -> dict[str, str]:
    """What stands in blocks of sh in a section, by the headings below it; before the first one, by ``""``."""
    text = document.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    parts = [part.partition("\n") for part in f"\n{text}".split("\n### ")]
    return {heading: found for heading, _, body in parts if (found := "\n".join(_BLOCK.findall(body)))}


def run(script: str, folder: Path, environment: Mapping[str, str], said: str = "") -> subprocess.CompletedProcess[str]:
    """Bash, which ends at the first command that fails; `said` is typed."""
    argv = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(
        argv, cwd=folder, env=dict(environment), input=said, capture_output=True, text=True, check=False, timeout=120
    )


def put_systemctl(folder: Path) -> None:
    """Programs of these names, which do what systemd does with the units of `supervised`."""
    folder.mkdir()
    for name, text in {"sudo": '#!/bin/sh\nexec "$@"\n', "systemctl": _SYSTEMCTL}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


@contextmanager
def supervised(unit: str, argv: list[str | Path], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A program that is started again whenever it ends, and told to end at the end."""
    is_over = threading.Event()

    def keep() -> None:  # in a thread of its own, with which its programs die
        while not is_over.is_set():
            program = spawn(argv, folder / f"{unit}.log", environment, folder)
            (folder / f"{unit}.pid").write_text(str(program.pid))
            program.wait()

    keeper = threading.Thread(target=keep, name=unit)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        _tell(folder / f"{unit}.pid")
        keeper.join(60)


def _tell(pid: Path) -> None:
    subprocess.run(["kill", f"-{signal.SIGTERM}", pid.read_text()], check=False, capture_output=True)  # noqa: S607
