"""A client like the proxy before several API programs: it keeps connections, asks who is ready, and tries once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

LOOK_SECONDS = 0.2
PING = {"query": "{ me { id } }"}


class Balancer:
    """Requests to those programs that say they are ready, in turn; `outcomes` counts how they ended."""

    def __init__(self, urls: list[str], http: httpx.AsyncClient) -> None:
        self.outcomes: Counter[str] = Counter()
        self.ready = list(urls)
        self._urls = urls
        self._http = http
        self._under_way: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Ask all, again and again, as a proxy's health checks do."""
        while True:
            self.ready = [url for url in self._urls if await self._is_ready(url)] or self.ready
            await asyncio.sleep(LOOK_SECONDS)

    async def send(self, rate: float) -> None:
        """Send so many requests a second, whether or not those before are answered."""
        loop, number = asyncio.get_running_loop(), 0
        began = loop.time()
        while True:
            self._under_way.add(task := asyncio.create_task(self._request(self.ready[number % len(self.ready)])))
            task.add_done_callback(self._under_way.discard)
            number += 1
            await asyncio.sleep(max(0, began + number / rate - loop.time()))

    async def finish(self) -> None:
        """Wait for the answers still owed."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _is_ready(self, url: str) -> bool:
        try:
            return (await self._http.get(f"{url}/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def _request(self, url: str) -> None:
        try:
            response = await self._http.post(f"{url}/graphql", json=PING)
            self.outcomes[str(response.status_code)] += 1
        except httpx.TransportError as error:
            self.outcomes[repr(error)] += 1


@asynccontextmanager
async def balancing(urls: list[str], rate: float) -> AsyncIterator[Balancer]:
    """Traffic for as long as the block runs."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200, keepalive_expiry=60)
    async with httpx.AsyncClient(limits=limits, timeout=60) as http:
        balancer = Balancer(urls, http)
        tasks = [asyncio.create_task(balancer.look()), asyncio.create_task(balancer.send(rate))]
        try:
            yield balancer
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await balancer.finish()
