"""Time, as everything here keeps it: aware, in UTC, in milliseconds."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, as MongoDB keeps it: what a mutation answers is what the next query reads."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
