"""What our programs logged, though they were killed while they wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_BEGINNING = b'{"timestamp":'


def told(folder: Path, event: str) -> Iterator[dict[str, Any]]:
    """Each line of a program's logs that tells of this event.

    Who is killed in the middle of a line leaves it without an end, and the next who writes goes on in it.
    """
    needle = f'"event":"{event}"'.encode()  # logs are long, and looked at often
    for log in folder.glob("app.log*"):
        for line in log.read_bytes().split(b"\n")[:-1]:
            whole = b"".join(line.rpartition(_BEGINNING)[1:])
            if needle in whole:
                yield orjson.loads(whole)
