"""Time, as everything here keeps it: aware, in UTC."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)
