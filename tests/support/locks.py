"""Locks on folders of var/: the kernel drops them with their holder, so none is ever stale."""

import fcntl
import os
import sys
from pathlib import Path

from tests.support.waiting import until

_USERS = Path("var/users")
_SERVERS = Path("var/servers")


def hold_alone(folder: Path, patience: float) -> bool:
    """Hold this folder until the process ends; False when somebody else does, and goes on doing so."""
    return _is_had(_open(folder), patience)


def is_held(folder: Path) -> bool:
    """Whether a process holds it alone; to ask keeps nobody from asking."""
    return not _is_free(folder, 0, fcntl.LOCK_SH)


def serve() -> None:
    """Count this program among the embedded servers."""
    _lock(_open(_SERVERS), fcntl.LOCK_SH)


def is_over(patience: float) -> bool:
    """Whether the programs and the servers of an earlier run have ended, or do so within patience."""
    return _is_free(_USERS, patience) and _is_free(_SERVERS, patience)


def use_servers() -> None:
    """Count this program, and what it turns into by exec, among the users of the embedded servers."""
    descriptor = _open(_USERS)
    os.set_inheritable(descriptor, True)  # noqa: FBT003  # os's own signature
    _lock(descriptor, fcntl.LOCK_SH)


def wait_for_users(patience: float) -> None:
    """Return when the last user of the embedded servers has ended, or patience has."""
    if not _is_free(_USERS, patience):
        sys.stderr.write(f"api and worker did not end within {patience:g} s: stopping all the same\n")


def _is_free(folder: Path, patience: float, kind: int = fcntl.LOCK_EX) -> bool:
    """Whether nobody holds it, or nobody alone; at once let go of again, for others ask too."""
    descriptor = _open(folder)
    try:
        return _is_had(descriptor, patience, kind)
    finally:
        os.close(descriptor)


def _is_had(descriptor: int, patience: float, kind: int = fcntl.LOCK_EX) -> bool:
    """Whether the lock is ours, alone unless it is to be shared, at once or within patience."""
    try:
        until(lambda: _lock(descriptor, kind), "The lock", patience)
    except TimeoutError:
        return False
    return True


def _open(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder, os.O_RDONLY)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
