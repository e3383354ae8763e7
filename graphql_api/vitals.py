"""How this process and its machine are."""

import os
import resource
import shutil
import sys
from pathlib import Path
from typing import Any

LEAST_FREE_BYTES = 1_000_000_000


def memory_bytes() -> int:
    """What this process holds; where the system does not say, the most it ever held."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def machine() -> dict[str, Any]:
    """Load over 1, 5 and 15 minutes, and the processors that carry it."""
    return {"load": [round(load, 2) for load in os.getloadavg()], "processors": os.cpu_count()}


def disk(folder: Path) -> dict[str, Any]:
    """The disk of this folder, `low` when less than a gigabyte is free."""
    used = shutil.disk_usage(folder)
    return {
        "status": "low" if used.free < LEAST_FREE_BYTES else "ok",
        "free_bytes": used.free,
        "total_bytes": used.total,
    }
