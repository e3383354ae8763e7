"""How often clients may ask for what costs much or can be misused, in the notation of the package `limits`."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from limits import RateLimitItem, parse_many
from pydantic import BaseModel, Field, field_validator

DEFAULT = (
    "userSignUp=120/hour, userSignIn=120/minute, tokenRefresh=300/minute, emailVerify=60/minute, "
    "passwordResetRequest=60/hour, passwordReset=60/hour, passwordChange=60/hour, fileUpload=120/minute, "
    "orderPlace=120/minute, reportRequest=60/hour, userEmailAll=20/hour, jobUpdated=600/minute, "
    "orderUpdated=600/minute, /files=3000/minute, /unsubscribe=120/minute, /health=3000/minute"
)
"""More than people need, and many people behind one address: less than it takes to do harm."""

PATHS = frozenset({"/files", "/unsubscribe", "/health"})
"""What beside GraphQL may be limited. Probes and Prometheus ask for the others."""

_NAME = re.compile(r"[a-z][A-Za-z0-9_]*", re.ASCII)

Rates: TypeAlias = dict[str, list[RateLimitItem]]


class RateLimits(BaseModel):
    """Of each user, or address of somebody who is not signed in. RATE_LIMIT_ENABLED switches them off."""

    rate_limits: str = Field(
        DEFAULT,
        max_length=10_000,
        description="Most times a client may ask for a root field or a path, like orderPlace=60/minute;500/hour; "
        "what is not named keeps its default.",
    )
    socket_max_per_client: int = Field(
        100, ge=1, description="Most WebSockets of a user or address at once, of each API process."
    )
    socket_max_subscriptions: int = Field(10, ge=1, le=1000, description="Most subscriptions of a WebSocket at once.")

    @field_validator("rate_limits")
    @classmethod
    def _can_be_read(cls, value: str) -> str:
        parse(value)
        return value

    @property
    def field_rates(self) -> Rates:
        """Those of root fields, by their names."""
        return {name: items for name, items in self._rates.items() if not name.startswith("/")}

    @property
    def path_rates(self) -> Rates:
        """Those of paths, by their first parts, like /files."""
        return {name: items for name, items in self._rates.items() if name.startswith("/")}

    @property
    def _rates(self) -> Rates:
        return parse(DEFAULT) | parse(self.rate_limits)


def parse(text: str) -> Rates:
    """The limits of a text like `orderPlace=60/minute;500/hour, /files=100/second`; ValueError says what is none."""
    return dict(_parse(text))


def _parse(text: str) -> Iterator[tuple[str, list[RateLimitItem]]]:
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, rates = (each.strip() for each in part.partition("="))
        if name not in PATHS and not _NAME.fullmatch(name):
            raise ValueError(f"must name a root field or one of {', '.join(sorted(PATHS))} before each =")
        try:
            items = parse_many(rates)
        except (ValueError, OverflowError):
            raise ValueError(f"must give {name} a limit like 60/minute or 5/second;100/hour") from None
        if not all(0 < item.amount < _MOST and 0 < item.get_expiry() < _MOST for item in items):
            raise ValueError(f"must allow {name} at least once, and less than {_MOST:,} times or seconds")
        yield name, items


_MOST = 1_000_000_000
