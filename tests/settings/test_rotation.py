import fcntl
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest

from settings.rotation import SharedLogFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "app.log"


@pytest.fixture
def log(path: Path) -> Iterator[SharedLogFile]:
    with closing(SharedLogFile(path, max_bytes=100, backups=2)) as file:
        yield file


def test_a_full_file_moves_on_and_the_oldest_is_dropped(path: Path, log: SharedLogFile) -> None:
    for number in range(4):
        log.append(b"%d" % number * 99 + b"\n")
    log.append(b"new\n")
    contents = {file.name: file.read_bytes()[:1] for file in path.parent.iterdir()}
    assert contents == {"app.log": b"n", "app.log.1": b"3", "app.log.2": b"2"}


def test_a_file_with_room_stays(path: Path, log: SharedLogFile) -> None:
    log.append(b"a" * 49 + b"\n")
    log.append(b"b" * 48 + b"\n")
    assert [file.name for file in path.parent.iterdir()] == ["app.log"]


def test_without_backups_a_full_file_starts_anew(path: Path) -> None:
    with closing(SharedLogFile(path, max_bytes=100, backups=0)) as log:
        log.append(b"old" * 40 + b"\n")
        log.append(b"new\n")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == {"app.log": b"new\n"}


def test_a_writer_follows_when_another_has_rotated(path: Path, log: SharedLogFile) -> None:
    log.append(b"first\n")
    with closing(SharedLogFile(path, max_bytes=100, backups=2)) as other:
        other.append(b"o" * 99 + b"\n")
    log.append(b"second\n")
    assert path.read_bytes() == b"second\n"
    assert path.with_name("app.log.1").read_bytes().startswith(b"first\no")


def test_a_writer_does_not_rotate_what_another_has_just_begun(path: Path, log: SharedLogFile) -> None:
    with closing(SharedLogFile(path, max_bytes=100, backups=2)) as other:
        other.append(b"o" * 99 + b"\n")
        other.append(b"begun\n")
    log.append(b"short\n")
    assert path.read_bytes() == b"begun\nshort\n"


def test_a_file_held_by_another_is_rotated_later(path: Path, log: SharedLogFile) -> None:
    log.append(b"first\n")
    with path.open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        log.append(b"full" * 25 + b"\n")
        assert not path.with_name("app.log.1").exists()
    log.append(b"last\n")
    assert path.with_name("app.log.1").read_bytes().endswith(b"full\nlast\n")


def test_a_writer_that_idles_after_rotating_holds_nobody_up(path: Path, log: SharedLogFile) -> None:
    log.append(b"full" * 25 + b"\n")
    with path.with_name("app.log.1").open() as rotated:
        fcntl.flock(rotated, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_an_append_waits_for_a_rotation_under_way(path: Path, log: SharedLogFile) -> None:
    log.append(b"before\n")
    with path.open() as rotating:

        def finish_rotation(_signal: int, _frame: FrameType | None) -> None:
            path.rename(path.with_name("app.log.1"))
            fcntl.flock(rotating, fcntl.LOCK_UN)

        fcntl.flock(rotating, fcntl.LOCK_EX)
        previous = signal.signal(signal.SIGALRM, finish_rotation)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        log.append(b"after\n")
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert path.read_bytes() == b"after\n"


def test_a_removed_folder_is_made_again(path: Path, log: SharedLogFile) -> None:
    log.append(b"gone\n")
    shutil.rmtree(path.parent)
    log.append(b"here\n")
    assert path.read_bytes() == b"here\n"


def test_a_folder_that_cannot_be_made_is_an_error(path: Path, log: SharedLogFile) -> None:
    path.parent.write_text("in the way")
    with pytest.raises(OSError, match=re.escape(str(path.parent))):
        log.append(b"lost\n")


def test_a_closed_file_opens_again(path: Path, log: SharedLogFile) -> None:
    log.append(b"one\n")
    log.close()
    log.append(b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"
