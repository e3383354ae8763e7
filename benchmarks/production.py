"""A Python as production has it: with what requirements.lock says and nothing else.

Some libraries take more memory, and more time, when they find others.
"""

import subprocess
import venv
from pathlib import Path

FOLDER, LOCK = Path("var/bench/venv"), Path("requirements.lock")


def python(folder: Path = FOLDER) -> Path:
    """Its command; it is installed anew when the lock is newer."""
    command, lock = (folder / "bin" / "python").absolute(), LOCK.read_bytes()
    if not (folder / LOCK.name).exists() or (folder / LOCK.name).read_bytes() != lock:
        venv.create(folder, clear=True, with_pip=True)
        install: list[str | Path] = [
            "-m",
            "pip",
            "install",
            "-qq",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            LOCK,
        ]
        subprocess.run([command, *install], check=True)
        (folder / LOCK.name).write_bytes(lock)
    return command
