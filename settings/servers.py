"""The URLs of MongoDB, Redis and the mail server: whether they are well-formed, and what they say."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio.connection import Connection, SSLConnection, parse_url
from redis.exceptions import RedisError

from settings import urls

_REDIS = ("redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://", "redis+cluster://", "rediss+cluster://")
SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "db_url": ("mongodb://", "mongodb+srv://"),
        "redis_url": _REDIS,
        "smtp_url": ("smtp://", "smtp+starttls://", "smtps://"),
    }
)
"""Per setting: what we can speak."""

DEVELOPMENT: Mapping[str, str] = MappingProxyType(
    {
        "db_url": "mongodb://127.0.0.1:27017/postberry?replicaSet=rs0",
        "redis_url": "redis://127.0.0.1:6379/0",
        "smtp_url": "smtp://127.0.0.1:1025",
    }
)
"""Per setting: what development uses when it is unset."""

_FILES = {"tlscafile", "tlscertificatekeyfile", "tlscrlfile", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
"""Parameters, in lower case, that name a file."""

_WORDS = {"ssl_cert_reqs": ("required", "optional", "none"), "ssl_check_hostname": ("true", "false")}
"""Parameters of Redis' URLs for which redis-py takes more words, or repeats them in what it says."""

_BLIND = {
    ("ssl_cert_reqs", "none"),
    ("ssl_check_hostname", "false"),
    ("tlsinsecure", "true"),
    ("tlsallowinvalidcertificates", "true"),
    ("tlsallowinvalidhostnames", "true"),
}
"""Parameters by which a server is believed who it is."""

_READS = {"readpreference", "readpreferencetags", "maxstalenessseconds"}

_CREDENTIALS = {"username", "password", "db"}
_REDIS_OPTIONS = _CREDENTIALS | {
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
    "ssl_ciphers",
    "protocol",
}
_PORTS = {"sentinel": 26379}

NOT_A_URL = "is not a URL: encode what is special in a password, like %2F for /"


class Topology(StrEnum):
    """How many Redis servers are one."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class RedisServers:
    """What REDIS_URL says.

    `hosts` are those of the sentinels, where there are some, and `service` is what these call the set. `options` are
    redis-py's for the servers; `sentinels` has who we are for the sentinels.
    """

    topology: Topology
    hosts: tuple[tuple[str, int], ...]
    tls: bool
    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sentinels: Mapping[str, str | None] = field(default_factory=dict, repr=False)


def check(name: str, url: str, *, strict: bool = False) -> None:
    """ValueError says what is wrong with the URL of this setting, and repeats no secret.

    To be `strict` is to refuse parameters by which certificates are not verified.
    """
    schemes = SCHEMES[name]
    if not url.startswith(schemes):
        raise ValueError(f"must be a URL that begins with {', '.join(schemes[:-1])} or {schemes[-1]}")
    _check_parameters(url)
    if strict and _is_blind(url):
        raise ValueError("must leave certificates to be verified: it has a parameter that is for development only")
    if name == "smtp_url":
        mail_trust(url)
    if name == "db_url":
        _check_mongodb_trust(url)
    if name == "redis_url":
        parse_redis(url)
    elif not urls.is_well_formed(url):
        raise ValueError(NOT_A_URL)


def _is_blind(url: str) -> bool:
    return any((name.lower(), value.lower()) in _BLIND for name, value in parse_qsl(_split(url).query))


def _check_parameters(url: str) -> None:
    for name, value in parse_qsl(_split(url).query):
        if name.lower() in _READS:
            raise ValueError("must not say where to read: for queries READ_PREFERENCE does, all else needs the primary")
        if name in _WORDS and value not in _WORDS[name]:
            raise ValueError(f"has a parameter {name} that is none of {', '.join(_WORDS[name])}")
        if name.lower() in _FILES and not (os.access(value, os.R_OK) and Path(value).is_file()):
            raise ValueError(f"has a parameter {name} whose file cannot be read")


def mail_trust(url: str) -> ssl.SSLContext:
    """Whom the certificate of the mail server has to be signed by: the system's authorities, or those of the URL."""
    given = dict(parse_qsl(_split(url).query))
    authorities = given.pop("ssl_ca_certs", None)
    if given:
        raise ValueError("may have the parameter ssl_ca_certs, and no others")
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise ValueError(f"has parameters that cannot be used: {error}") from None


def _check_mongodb_trust(url: str) -> None:
    """As the driver will load them."""
    given = {name.lower(): value for name, value in parse_qsl(_split(url).query)}
    context = ssl.create_default_context()
    try:
        for name in given.keys() & {"tlscafile", "tlscrlfile"}:
            context.load_verify_locations(given[name])
        if own := given.get("tlscertificatekeyfile"):
            context.load_cert_chain(own, password=given.get("tlscertificatekeyfilepassword", ""))
    except OSError as error:
        raise ValueError(f"has parameters that cannot be used: {error}") from None


def parse_redis(url: str) -> RedisServers:
    """The servers of any of Redis' URLs; ValueError says what is wrong with it."""
    parts = _split(url)
    scheme, _, topology = parts.scheme.partition("+")
    credentials, _, places = parts.netloc.rpartition("@")
    options: dict[str, Any] = {**parse_url(f"redis://{credentials}@host?{parts.query}")}
    del options["host"]
    sentinels = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    found = RedisServers(
        topology=Topology(topology or "single"),
        hosts=tuple(_host(place, _PORTS.get(topology, 6379)) for place in places.split(",")),
        tls=scheme == "rediss",
        options=options,
        sentinels=sentinels,
    )
    _check_options(found)
    return _placed(found, parts.path.removeprefix("/"))


def _placed(found: RedisServers, path: str) -> RedisServers:
    """With what the path says: a number is the database, and before it sentinels have the name of the set."""
    name, _, number = path.partition("/") if found.topology is Topology.SENTINEL else ("", "", path)
    database = number or str(found.options.get("db", 0))
    if found.topology is Topology.SENTINEL and (not name or name.isdecimal()):  # a number alone is a database
        raise ValueError("must name the set that the sentinels watch, like redis+sentinel://host:26379/mymaster")
    if not database.isdecimal():
        raise ValueError("must have the number of a database as the end of its path, like /0")
    if found.topology is Topology.CLUSTER and database != "0":
        raise ValueError("must not name a database: a cluster has but one")
    return replace(found, service=unquote(name), options={**found.options, "db": int(database)})


def _check_options(found: RedisServers) -> None:
    """By what redis-py itself says to them, TLS files included."""
    names = found.options.keys() - _REDIS_OPTIONS
    if names:
        raise ValueError(f"may have the parameters {', '.join(sorted(_REDIS_OPTIONS - _CREDENTIALS))}, and no others")
    if len(found.hosts) > 1 and found.topology is Topology.SINGLE:
        raise ValueError("has several hosts: redis+sentinel:// and redis+cluster:// may")
    try:
        connection = (SSLConnection if found.tls else Connection)(**found.options)
        if isinstance(connection, SSLConnection):
            connection.ssl_context.get()
    except (RedisError, TypeError, OSError) as error:
        raise ValueError(f"has parameters that cannot be used: {error}") from None


def _host(place: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{place}")
        host, given = parts.hostname, parts.port
    except ValueError:
        raise ValueError(NOT_A_URL) from None
    if not host or given == 0 or parts.path:
        raise ValueError(NOT_A_URL)
    return host, given or port


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:  # its text may repeat a secret
        raise ValueError(NOT_A_URL) from None
    if parts.fragment:
        raise ValueError(NOT_A_URL)
    return parts
