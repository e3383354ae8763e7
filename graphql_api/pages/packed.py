"""Texts that pages load, compressed once and for all who ask: `python -m graphql_api.pages.packed FOLDER…`."""

import gzip
import re
import sys
from pathlib import Path

SUFFIX = ".gz"
_TEXTS = frozenset({".css", ".js", ".txt"})
_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?P<weight>[0-9.]+)\s*)?(?:,|$)", re.IGNORECASE)


def pack(folder: Path) -> None:
    """Lay beside each text of a folder what it is by gzip."""
    for path in folder.iterdir():
        if path.suffix in _TEXTS:
            packed(path).write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def packed(path: Path) -> Path:
    """Where a file lies packed, if it is."""
    return path.with_name(path.name + SUFFIX)


def is_taken(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding names gzip, and with a weight that is more than nothing."""
    found = _GZIP.search(accept_encoding)
    return found is not None and (found["weight"] is None or found["weight"].strip("0.") != "")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        pack(Path(each))
