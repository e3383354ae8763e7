"""A process does not outlive the one that started it, whatever ended that."""

import multiprocessing
import os
import signal
import threading
import time

import structlog

LOOK_SECONDS = 0.5

log = structlog.get_logger(__name__)


def end_with_parent(patience: float) -> None:
    """Tell this process to end, as by SIGTERM, when its parent is gone; and end it if it has not after `patience`.

    For processes that `multiprocessing` started, in any other nothing happens. A thread looks, so that a process whose
    event loop is stuck ends too.
    """
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_watch, args=(parent.pid, patience), name="parent watch", daemon=True).start()


def is_orphan() -> bool:
    """Whether the parent that `multiprocessing` knows is gone."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid


def _watch(parent: int, patience: float) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    log.error("the parent process is gone, ending", parent=parent)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    log.critical("ending took too long, what runs is cut off", seconds=patience)
    os._exit(os.EX_SOFTWARE)
