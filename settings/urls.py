"""URLs of the configuration: whether they are well-formed, and what they say. ValueError says what is wrong."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # replaced, not bound
_MAIL_PORTS = {"smtps": 465, "smtp+starttls": 587}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Folder:
    """Files are kept in a folder of this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """Files are kept in a bucket of S3. What is None here is said by the environment's AWS_* variables."""

    name: str
    prefix: str | None = None
    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


def is_well_formed(url: str) -> bool:
    """Whether host and port can be told. A MongoDB URL may name several hosts, which urlsplit cannot read."""
    try:
        if url.startswith("mongodb://"):
            parse_uri(url)
            return True
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except (ValueError, PyMongoError):
        return False


def origin(host: str, port: int) -> str:
    """Where a program that listens on this address is reached from the same machine."""
    reachable = _ANY_ADDRESS.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def mail_server(url: str) -> tuple[str, int]:
    """Host and port of an SMTP URL."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or _MAIL_PORTS.get(parts.scheme, 25)


def is_web_address(url: str) -> bool:
    """Whether paths can be put behind it: http or https, a host, and neither query nor fragment."""
    return url.startswith(("http://", "https://")) and is_well_formed(url) and not re.search(r"[?#@\s]", url)


def parse_storage(url: str) -> Folder | Bucket:
    """The place of `file://relative/folder`, `file:///absolute/folder` or `s3://bucket/prefix?endpoint=…&region=…`."""
    if url.startswith("file://"):
        return _folder(url.removeprefix("file://"))
    if url.startswith("s3://"):
        return _bucket(_split(url))
    raise ValueError("must be a URL that begins with file:// or s3://")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # its text may repeat a secret
        raise ValueError("is not a URL: encode what is special in a secret, like %2F for /") from None


def _folder(path: str) -> Folder:
    if not path.strip("/") or re.search(r"[?#\0]", unquote(path)):
        raise ValueError("must name a folder, like file://var/storage or file:///srv/storage")
    return Folder(Path(unquote(path)))


def _bucket(parts: SplitResult) -> Bucket:
    credentials, _, name = parts.netloc.rpartition("@")
    key_id, _, secret = credentials.partition(":")
    if not _BUCKET.fullmatch(name) or bool(key_id) != bool(secret) or parts.fragment:
        raise ValueError("must name a bucket, like s3://bucket/prefix")
    options = _options(parts.query)
    prefix = unquote(parts.path.strip("/")) or None
    return Bucket(
        name, prefix, **options, access_key_id=unquote(key_id) or None, secret_access_key=unquote(secret) or None
    )


def _options(query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if not options.keys() <= {"endpoint", "region"}:
        raise ValueError("may have the parameters endpoint and region, and no others")
    if "endpoint" in options and not is_web_address(options["endpoint"]):
        raise ValueError("has an endpoint that is no http:// or https:// URL")
    return options
