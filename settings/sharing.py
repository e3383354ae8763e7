"""Where the processes of one program put their metrics together.

This module must not lead to prometheus_client: it looks at the environment once, when it is imported first.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Processes that are started within it, and replaced, count together. For what starts them; its end forgets all."""
    with tempfile.TemporaryDirectory(prefix="postberry-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[VARIABLE] = folder
        yield
