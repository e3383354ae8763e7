"""A log file that many processes append to and rotate by size."""

import contextlib
import errno
import fcntl
import itertools
import os
from pathlib import Path

_MODE = 0o640


class SharedLogFile:
    """Appends whole lines; at `max_bytes` the file becomes `.1`, `.1` becomes `.2`, up to `backups`.

    Any number of processes may write the same path: no line is lost, torn, or written to a file that has been
    rotated away. The lock is a flock on the log itself, so no lock file is left behind. Within one process the caller
    lets one thread at a time in.
    """

    def __init__(self, path: Path, max_bytes: int, backups: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._names = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, backups + 1))]
        self._fd = -1
        self._inode = (0, 0)
        # A forked child must have a descriptor of its own: with its parent's it has, and keeps, its parent's lock.
        os.register_at_fork(after_in_child=self.close)

    def append(self, line: bytes) -> None:
        """Write `line`, which ends in a newline, in one piece; raises OSError when it cannot."""
        size = self._hold()
        try:
            if os.write(self._fd, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        if size + len(line) >= self._max_bytes:
            self._rotate()

    def check(self) -> None:
        """Create the file and its folder; raises OSError when they cannot be written."""
        self._hold()
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; appending opens it again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _hold(self) -> int:
        """The size of the file at the path, open and kept from rotation by a lock that other appends share."""
        while True:
            if self._fd < 0:
                self._open()
            fcntl.flock(self._fd, fcntl.LOCK_SH)
            inode, size = _look(self._path)
            if inode == self._inode:
                return size
            self.close()

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        opened = os.fstat(self._fd)
        self._inode = (opened.st_dev, opened.st_ino)

    def _rotate(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _look(self._path)[0] == self._inode:
                self._shift()
        except BlockingIOError:
            return  # another process is at the file: whoever writes the next line tries again
        finally:
            self.close()

    def _shift(self) -> None:
        if len(self._names) == 1:
            self._path.unlink()
        # The log itself moves last: from then on another process may begin, fill and rotate the next one.
        for older, newer in itertools.pairwise(reversed(self._names)):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)


def _look(path: Path) -> tuple[tuple[int, int], int]:
    """Device and inode, and the size, of what is at `path` now."""
    try:
        found = os.stat(path)  # noqa: PTH116 Path.stat costs a microsecond more on every line
    except OSError:  # gone, or out of reach: opening it again mends that or says what is wrong
        return (0, 0), 0
    return (found.st_dev, found.st_ino), found.st_size
