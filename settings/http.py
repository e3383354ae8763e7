"""What the API takes over HTTP, and from whom: settings of their own, as those of documents are."""

import re
from ipaddress import IPv6Address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field
from pydantic_settings import NoDecode

from settings.addresses import CommaSeparated

ANY_HOST = "*"

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]{1,254})(?::[0-9]{1,5})?", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


def host_name(host: str) -> str | None:
    """The name, or the address, of a Host header: without port, in one spelling; None if it is malformed."""
    found = _HOST.fullmatch(host)
    return _in_one_spelling(found[1]) if found else None


def host_of(url: str) -> str:
    """The same of a URL, as browsers name it."""
    host = urlsplit(url).netloc.encode("idna").decode()
    return host_name(host) or host


def _in_one_spelling(name: str) -> str | None:
    if name.startswith("["):
        return _address(name)
    name = name.lower().removesuffix(".")
    return name if _NAME.fullmatch(name) else None


def _address(literal: str) -> str | None:
    try:
        return f"[{IPv6Address(literal[1:-1])}]"
    except ValueError:
        return None


def _are_patterns(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_pattern(value) for value in values)


def _pattern(value: str) -> str:
    if value == ANY_HOST:
        return value
    below = "*." if value.startswith("*.") else ""
    name = _in_one_spelling(value.removeprefix(below))
    if name is None:
        raise ValueError("must be names without ports, like api.example.com, *.example.com, [::1] or *")
    return below + name


HostNames = Annotated[CommaSeparated, NoDecode, AfterValidator(_are_patterns)]
"""Names of hosts; `*.` before one stands for all below it, `*` for any."""


class HttpLimits(BaseModel):
    """What is refused before anybody looks at what it asks for."""

    allowed_hosts: HostNames = Field(
        (),
        description="Hosts that requests may name, comma-separated, also *.example.com, or * for any; empty: in "
        "production that of PUBLIC_URL if there is one, else any.",
    )
    upload_quota_files: int = Field(
        200, ge=1, description="Most files of a user that nothing needs yet; they are discarded after a day."
    )
    upload_quota_bytes: int = Field(
        1_000_000_000, ge=1, description="Size in bytes of all those files together; no less than UPLOAD_MAX_BYTES."
    )
