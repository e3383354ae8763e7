"""Locks on folders of var/: the kernel drops them with their holder, so none is ever stale."""

import fcntl
import os
import sys
from pathlib import Path

from tests.support.waiting import until

_USERS = Path("var/users")


def hold_alone(folder: Path) -> bool:
    """Hold this folder until the process ends; False when somebody else does."""
    return _lock(_open(folder), fcntl.LOCK_EX)


def use_servers() -> None:
    """Count this program, and what it turns into by exec, among the users of the embedded servers."""
    descriptor = _open(_USERS)
    os.set_inheritable(descriptor, True)  # noqa: FBT003  # os's own signature
    _lock(descriptor, fcntl.LOCK_SH)


def wait_for_users(patience: float) -> None:
    """Return when the last user of the embedded servers has ended, or patience has."""
    descriptor = _open(_USERS)
    try:
        until(lambda: _lock(descriptor, fcntl.LOCK_EX), "The end of api and worker", patience)
    except TimeoutError as error:
        sys.stderr.write(f"{error}: stopping all the same\n")
    finally:
        os.close(descriptor)


def _open(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder, os.O_RDONLY)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
