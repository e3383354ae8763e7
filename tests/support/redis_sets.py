"""Redis as several servers: a master with a replica that a sentinel watches, and a cluster of three masters."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import REDIS_SERVER, locate
from tests.support.servers import pings, start_redis
from tests.support.waiting import until

SERVICE = "shop"
PASSWORD, SENTINEL_PASSWORD = "p:ss/", "another"
SLOTS = 16_384
_BUS = 10_000
"""What a cluster's servers add to their port for talking among themselves."""

_SENTINEL = """
port {port}
bind 127.0.0.1
dir {folder}
requirepass {sentinel_password}
sentinel monitor {service} 127.0.0.1 {master} 1
sentinel auth-pass {service} {password}
sentinel down-after-milliseconds {service} 500
sentinel failover-timeout {service} 3000
"""


@dataclass(frozen=True)
class Watched:
    """A set that a sentinel watches; of the two that the URL names, the first is away."""

    url: str
    master: Server
    replica: Server


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """A master and its replica, both with a password, and a sentinel that has another."""
    with ExitStack() as stack:
        master = stack.enter_context(start_redis(folder / "master", password=PASSWORD))
        following = ["--replicaof", "127.0.0.1", str(_port(master)), "--repl-diskless-sync-delay", "0"]
        replica = stack.enter_context(start_redis(folder / "replica", options=following, password=PASSWORD))
        until(lambda: _follows(replica), "A replica in step", 30)
        port = stack.enter_context(_sentinel(folder / "sentinel", _port(master)))
        hosts = f"127.0.0.1:{free_port()},127.0.0.1:{port}"
        url = f"redis+sentinel://:p%3Ass%2F@{hosts}/{SERVICE}/1?sentinel_password={SENTINEL_PASSWORD}"
        yield Watched(url, master, replica)


def _port(server: Server) -> int:
    return urlsplit(server.url.replace(PASSWORD, "")).port or 0


def _follows(replica: Server) -> bool:
    with Redis(port=_port(replica), password=PASSWORD) as client:
        return bool(client.info("replication").get("master_link_status") == "up")


@contextmanager
def _sentinel(folder: Path, master: int) -> Iterator[int]:
    """The port of a sentinel that knows the master and has found the replica."""
    folder.mkdir()
    port, conf = free_port(), folder / "sentinel.conf"
    words = {"port": port, "folder": folder, "service": SERVICE, "master": master, "password": PASSWORD}
    conf.write_text(_SENTINEL.format(sentinel_password=SENTINEL_PASSWORD, **words))
    server = Server("the sentinel", spawn([locate(REDIS_SERVER), conf, "--sentinel"], folder / "sentinel.log"))
    with server.await_start(lambda: pings(port, SENTINEL_PASSWORD) and _knows_replica(port), folder / "sentinel.log"):
        yield port


def _knows_replica(port: int) -> bool:
    with Redis(port=port, password=SENTINEL_PASSWORD) as client:
        return bool(client.sentinel_masters()[SERVICE]["num-slaves"])


@contextmanager
def cluster(folder: Path, ports: Sequence[int] = (), announced: Sequence[int] = ()) -> Iterator[list[Server]]:
    """Three masters that share the slots; clients are told of the announced ports instead of theirs."""
    ports = ports or cluster_ports()
    with ExitStack() as stack:
        servers = []
        for number, port in enumerate(ports):
            options = ["--cluster-enabled", "yes", "--dir", str(folder), "--cluster-config-file", f"{port}.conf"]
            options += ["--databases", "1"]
            if announced:
                options += ["--cluster-announce-ip", "127.0.0.1", "--cluster-announce-port", str(announced[number])]
                options += ["--cluster-announce-bus-port", str(port + _BUS)]
            servers.append(stack.enter_context(start_redis(folder / str(port), port, options)))
        _join(ports)
        yield servers


def cluster_url(servers: Sequence[Server]) -> str:
    """The URL that names all of them."""
    return f"redis+cluster://{','.join(urlsplit(server.url).netloc for server in servers)}"


def cluster_ports() -> list[int]:
    """Where the masters may listen."""
    return [_cluster_port() for _ in range(3)]


def _cluster_port() -> int:
    """One whose bus has a port that no outgoing connection takes, either."""
    while (port := free_port()) >= 32_768 - _BUS or accepts(port + _BUS):
        pass
    return port


def _join(ports: Sequence[int]) -> None:
    share = SLOTS // len(ports) + 1
    for number, port in enumerate(ports):
        slots = range(number * share, min((number + 1) * share, SLOTS))
        with Redis(port=port) as client:
            client.execute_command("CLUSTER ADDSLOTS", *slots)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER MEET", "127.0.0.1", ports[0], ports[0] + _BUS)
    until(lambda: all(_is_whole(port, len(ports)) for port in ports), "A cluster", 30)


def _is_whole(port: int, size: int) -> bool:
    with Redis(port=port) as client:
        try:
            info = client.execute_command("CLUSTER INFO")
        except RedisError:
            return False
    return info.get("cluster_state") == "ok" and int(info["cluster_known_nodes"]) == size
