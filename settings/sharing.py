"""Where the processes of one program put their metrics together."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import values

from settings.alive import PREFIX

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Processes that are started within it, and replaced, count together. For what starts them; its end forgets all.

    prometheus_client looks at the environment once, when it is imported. A process that is forked has it imported
    already, so it is asked to look again.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        os.environ[VARIABLE] = folder
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]  # the library ships it so
        yield


def forget() -> None:
    """What the end of `shared_metrics` does, for when it does not come to that."""
    if folder := os.environ.get(VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)  # the processes may all do it at once
