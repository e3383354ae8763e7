"""What changes in the sources while `make run` runs, and whether the programs take it."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import MappingProxyType

from typing_extensions import override
from watchfiles import Change, DefaultFilter, watch

from tests.support.waiting import until

FOLDERS = ("graphql_api", "schema", "settings", "tasks")

_SAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "api": ("api ready", "the old one stays"),
        "worker": ("worker ready", "tried again at the next change"),
    }
)
"""Per program: what it says when it has taken what changed, and when it has not."""

RELOADED = tuple(_SAYS)
_DEADLINE = 60
_NAMED = 3


class Sources(DefaultFilter):
    """Python and templates: what the programs read once. Pages are built into `static`, by a command of their own."""

    def __init__(self) -> None:
        super().__init__(ignore_dirs=(*DefaultFilter.ignore_dirs, "static"))

    @override
    def __call__(self, change: Change, path: str) -> bool:
        """Whether this change is one."""
        return path.endswith((".py", ".html", ".txt")) and super().__call__(change, path)


class Taken:
    """What became of the last change, by what the programs say: they write lines, a thread waits for them."""

    def __init__(self) -> None:
        self._by: dict[str, bool] = {}

    def hear(self, name: str, line: str) -> None:
        """A line of the program of this name."""
        for words, is_taken in zip(_SAYS.get(name, ()), (True, False), strict=False):
            if words in line:
                self._by[name] = is_taken

    def forget(self) -> None:
        """From now on it is about another change."""
        self._by = {}

    def outcome(self, over: Event) -> str:
        """In words, as soon as it is known of all."""
        with suppress(TimeoutError):
            until(lambda: over.is_set() or len(self._by) == len(_SAYS), "All", _DEADLINE)
        without = [name for name in _SAYS if not self._by.get(name)]
        return f"not taken by {' and '.join(without)}, see above" if without else "taken"


def follow(over: Event, say: Callable[[str], None], reload: Callable[[], None], taken: Taken) -> None:
    """Reload after each change below the current folder, until it is over, and say what has changed."""
    folders = [folder for folder in FOLDERS if Path(folder).is_dir()]
    try:
        for changes in watch(*folders, watch_filter=Sources(), stop_event=over) if folders else ():
            taken.forget()
            reload()
            say(f"{_named({path for _, path in changes})} changed: {taken.outcome(over)}.")
    except (OSError, RuntimeError) as error:  # watchfiles' own is the second
        say(f"Changes of the sources are not seen, press Ctrl-C and start again after one: {error}.")


def _named(paths: set[str]) -> str:
    names = sorted(map(os.path.relpath, paths))
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
