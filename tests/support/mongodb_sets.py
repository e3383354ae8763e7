"""MongoDB as a replica set of several nodes, for what is read where, and for elections."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.support import replica_set
from tests.support.processes import Server, accepts, free_port
from tests.support.servers import spawn_mongod
from tests.support.waiting import until

Document = dict[str, Any]
DEADLINE = 60


@dataclass(frozen=True)
class ReplicaSet:
    """Its nodes by their ports, arbiters included."""

    nodes: dict[int, Server]

    @property
    def url(self) -> str:
        """The URL that names them all."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.nodes)
        return f"mongodb://{hosts}/postberry?replicaSet={replica_set.NAME}"

    def primary(self) -> int:
        """The port of the primary, once there is one."""
        until(lambda: any(map(self._leads, self.nodes)), "A primary", DEADLINE)
        return next(port for port in self.nodes if self._leads(port))

    def secondary(self) -> int:
        """The port of a secondary, once there is one."""
        until(lambda: any(map(_follows, self.nodes)), "A secondary", DEADLINE)
        return next(port for port in self.nodes if _follows(port))

    def _leads(self, port: int) -> bool:
        with replica_set.connect(port) as client:
            return replica_set.is_primary(client, port)


def _follows(port: int) -> bool:
    with replica_set.connect(port) as client, suppress(PyMongoError):
        return bool(client.admin.command("hello").get("secondary"))
    return False


@contextmanager
def replicated(folder: Path, data: int, arbiters: int = 0) -> Iterator[ReplicaSet]:
    """So many nodes with data, all in step, and so many arbiters."""
    with ExitStack() as stack:
        nodes: dict[int, Server] = {}
        for port in _ports(data + arbiters):
            nodes[port] = _node(folder, port)
            stack.callback(nodes[port].kill)  # in good order a primary would wait for its clients
        ports = list(nodes)
        with replica_set.connect(ports[0]) as client:
            replica_set.initiate(client, ports, arbiters)
        found = ReplicaSet(nodes)
        found.primary()
        until(lambda: all(map(_follows, ports[1:data])), "Secondaries in step", DEADLINE)
        yield found


def _ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


def _node(folder: Path, port: int) -> Server:
    data = folder / str(port)
    return spawn_mongod(data, port).await_start(partial(accepts, port), data.with_suffix(".log"))


@contextmanager
def direct(port: int) -> Iterator[MongoClient[Document]]:
    """A client of this node, whatever it is, and of no other."""
    with MongoClient[Document](f"127.0.0.1:{port}", directConnection=True, readPreference="nearest", w=1) as client:
        yield client
