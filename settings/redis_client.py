"""The one place where connections to Redis are made, whatever it consists of, and where calls to it are given up."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import structlog
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.typing import EncodableT
from typing_extensions import override

from settings.servers import RedisServers, Topology, parse_redis

T = TypeVar("T")

RedisClient: TypeAlias = Redis | RedisCluster

FAILURES = (RedisError, RedisClusterException, OSError, TimeoutError)
"""What a call raises when Redis is away, or is none."""

SOCKET_SECONDS = 5.0
"""How long a connection may take to be made, or to answer, unless somebody knows better."""

SENTINEL_SECONDS = 0.5
"""The same for a sentinel: there are others to ask."""

_CLIENT = re.compile(r"<[\w.]*Redis\(.*?\)>\)>\)> - ")

log = structlog.get_logger(__name__)


def open_redis(url: str, seconds: float = SOCKET_SECONDS) -> RedisClient:
    """A client of the Redis, the sentinels or the cluster of this URL; it connects when it is used. Close it.

    It tries nothing twice: after a fail-over the first call of each connection fails, the next finds the new server.
    Of a cluster, what is named in one command has to be in one slot, and scripts stand in for pipelines.
    """
    servers = parse_redis(url)
    options = {
        **servers.options,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        "ssl": servers.tls,
    }
    return _OPENED[servers.topology](servers, options)


def _single(servers: RedisServers, options: dict[str, Any]) -> RedisClient:
    ((host, port),) = servers.hosts
    return Redis(host=host, port=port, **options)


def _by_sentinels(servers: RedisServers, options: dict[str, Any]) -> RedisClient:
    limits = {"socket_timeout": SENTINEL_SECONDS, "socket_connect_timeout": SENTINEL_SECONDS, "db": 0}
    kwargs = {**options, **servers.sentinels, **limits}
    sentinels = Sentinel(servers.hosts, sentinel_kwargs=kwargs)  # type: ignore[no-untyped-call]  # redis-py has few types
    client: Redis = sentinels.master_for(servers.service, connection_pool_class=_WatchedPool, **options)
    return client


def _cluster(servers: RedisServers, options: dict[str, Any]) -> RedisClient:
    nodes = [ClusterNode(host, port) for host, port in servers.hosts]
    return _Cluster(startup_nodes=nodes, reinitialize_steps=0, **options)  # steps close connections that are in use


_OPENED = {Topology.SINGLE: _single, Topology.SENTINEL: _by_sentinels, Topology.CLUSTER: _cluster}


class _Cluster(RedisCluster):
    """The driver's client, for many calls at once."""

    @override
    async def execute_command(self, *args: EncodableT, **kwargs: Any) -> Any:
        await self.initialize()  # left to the driver, the first calls go to any node
        try:
            return await super().execute_command(*args, **kwargs)
        except AttributeError as error:  # after another call's failure the driver has closed what this one uses
            raise RedisConnectionError("The connection was closed.") from error


class _WatchedPool(SentinelConnectionPool):
    """Closes the connections to the sentinels as well, which the driver leaves to its user."""

    @override
    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def explained(error: BaseException) -> str:
    """What a failure of Redis says; of a long text the end, where the reason is."""
    said = str(error)
    if isinstance(error, MasterNotFoundError):  # of each sentinel it shows all of the client
        said = _CLIENT.sub("", said)[:400]
    return f"{type(error).__name__}: {said[-400:]}"


class Patience:
    """Calls to Redis: so many at once, the others wait, and each is given up after so many seconds.

    Not by `asyncio.timeout`: in Python 3.11 the driver may swallow the cancellation that it waits for.
    """

    def __init__(self, seconds: float, at_once: int) -> None:
        self._seconds = seconds
        self._slots = asyncio.Semaphore(at_once)
        self._calls: set[asyncio.Task[Any]] = set()

    async def wait(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the call brings, or raises; TimeoutError if it takes too long."""
        task = asyncio.create_task(self._in_turn(call))
        self._calls.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait([task], timeout=self._seconds)
        finally:
            task.cancel()  # of one that is done nothing comes
        if not task.done():
            raise TimeoutError
        return task.result()

    async def close(self) -> None:
        """Give up what is under way."""
        for call in self._calls:
            call.cancel()
        if self._calls:
            await asyncio.wait(self._calls, timeout=self._seconds)

    async def _in_turn(self, call: Callable[[], Awaitable[T]]) -> T:
        async with self._slots:
            return await call()

    def _ended(self, call: asyncio.Task[Any]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # of one that was given up nobody else asks, and asyncio would complain


class RedisAwayError(Exception):
    """Redis did not answer, or not in time."""


class Line:
    """Redis for one purpose: logs when it goes and when it is back, not each call in between."""

    def __init__(self, patience: Patience, *, away: str, back: str) -> None:
        self._patience = patience
        self._events = {True: back, False: away}
        self._is_up = True

    @property
    def is_up(self) -> bool:
        """Whether the last call was answered."""
        return self._is_up

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the call brings; RedisAwayError when Redis is away, or takes too long."""
        try:
            answer = await self._patience.wait(call)
        except FAILURES as error:
            self._note(is_up=False, error=explained(error))
            raise RedisAwayError from error
        self._note(is_up=True)
        return answer

    async def close(self) -> None:
        """Give up what is under way."""
        await self._patience.close()

    def _note(self, *, is_up: bool, **facts: str) -> None:
        if is_up is not self._is_up:
            log.warning(self._events[is_up], **facts)
        self._is_up = is_up
