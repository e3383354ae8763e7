"""A replica set of one node, whose port may have changed since it was last up."""

from collections.abc import Sequence
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

NAME = "rs0"
_NOT_YET_INITIALIZED = 94

Client = MongoClient[dict[str, Any]]


def connect(port: int, **options: Any) -> Client:  # noqa: ANN401  # the driver's own
    """A client of the one mongod on this port, whatever state it is in."""
    return MongoClient(_host(port), directConnection=True, serverSelectionTimeoutMS=200, **options)


def is_primary(client: Client, port: int) -> bool:
    """Whether the mongod on this port is the primary of a set that knows it by this port."""
    try:
        hello = client.admin.command("hello")
    except PyMongoError:
        return False
    return bool(hello.get("isWritablePrimary")) and hello.get("me") == _host(port)


def initiate(client: Client, ports: Sequence[int], arbiters: int = 0) -> None:
    """Make a set of the nodes on these ports: the first would be primary, and the last are arbiters."""
    members: list[dict[str, Any]] = [{"_id": n, "host": _host(port)} for n, port in enumerate(ports)]
    members[0]["priority"] = 2
    for member in members[len(members) - arbiters :]:
        member["arbiterOnly"] = True
    settings = {"electionTimeoutMillis": 1_000, "heartbeatIntervalMillis": 200}
    client.admin.command("replSetInitiate", {"_id": NAME, "members": members, "settings": settings})


def become_primary(client: Client, port: int) -> bool:
    """Bring the mongod on this port one step nearer to being primary, and say whether it is."""
    return is_primary(client, port) or _configure(client, _host(port))


def _host(port: int) -> str:
    return f"127.0.0.1:{port}"


def _configure(client: Client, host: str) -> bool:
    try:
        _move(client, host)
    except OperationFailure as error:
        if error.code == _NOT_YET_INITIALIZED:
            client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": host}]})
    except PyMongoError:
        return False
    return False


def _move(client: Client, host: str) -> None:
    """A node whose data were kept finds itself under another port than its set expects: tell the set."""
    config = client.admin.command("replSetGetConfig")["config"]
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
