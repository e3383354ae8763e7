"""What it was measured on, and with which versions."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from pymongo import MongoClient
from redis import Redis

from benchmarks.graphql.peers import NODE
from benchmarks.graphql.places import Places
from graphql_api.pages.node import find_node
from schema.engine import Document
from settings.version import VERSION

_PYTHON = ("strawberry-graphql", "fastapi", "starlette", "uvicorn", "odmantic", "motor", "pymongo", "orjson")
_NODE = ("@apollo/server", "express", "mongoose", "mercurius", "fastify", "mongodb", "graphql", "bullmq")
_KILOBYTES_PER_GIGABYTE = 1024 * 1024


def machine() -> str:
    """Its processor, its memory and its system."""
    memory = int(_line(Path("/proc/meminfo"), "MemTotal").split()[0]) / _KILOBYTES_PER_GIGABYTE
    processor = _line(Path("/proc/cpuinfo"), "model name")
    return f"{os.cpu_count()} cores of {processor}, {memory:.0f} GB, {platform.system()} {platform.release()}"


def _line(file: Path, name: str) -> str:
    """What a file of /proc says under this name."""
    lines = (line.partition(":") for line in file.read_text().splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "?")


def versions(places: Places) -> list[str]:
    """Of everything that takes part."""
    return [f"Postberry {VERSION}", *_servers(places), *_of_python(), *_of_node()]


def _servers(places: Places) -> Iterator[str]:
    with MongoClient[Document](places.settings.db_url) as mongodb:
        yield f"MongoDB {mongodb.server_info()['version']}"
    with Redis.from_url(places.settings.redis_url) as redis:
        yield f"Redis {redis.info()['redis_version']}"


def _of_python() -> Iterator[str]:
    yield f"Python {platform.python_version()}"
    for name in _PYTHON:
        yield f"{name} {version(name)}"


def _of_node() -> Iterator[str]:
    said = subprocess.run([*find_node().node, "--version"], check=True, capture_output=True, text=True).stdout
    yield f"Node.js {said.strip().removeprefix('v')}"
    pinned = json.loads((NODE / "package.json").read_text())["dependencies"]
    for name in _NODE:
        yield f"{name} {pinned[name]}"
