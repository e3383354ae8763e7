"""What an audit says, and how it says that something is wrong."""


class FoundError(Exception):
    """What was found, in lines for whoever mends it."""

    def __init__(self, what: str, lines: list[str]) -> None:
        super().__init__(what)
        self.lines = lines


class StillRunningError(FoundError):
    """A tool did not end in time."""


def refuse(found: list[str], what: str) -> None:
    """Raise if there is anything."""
    if found:
        raise FoundError(what, found)
