"""`make bench-hostile`: what malformed and costly requests do to somebody else, and to the memory of the API.

Two clients send all of tests/support/malformed over and over, with the limits of what a client may spend switched off;
a third asks for `{__typename}` all the while, and is the one that counts. Then documents that are as costly as the
limits allow, each new every time, so that none is remembered; the last is the time of the loop alone, without HTTP.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from graphql import GraphQLError

from benchmarks.letters.measure import api_megabytes, running_sink
from benchmarks.letters.postberry import settings_for
from graphql_api.documents.cache import Documents
from graphql_api.schema import create_schema
from settings.limits import QueryLimits
from tests.support import variables
from tests.support.application import SIGN_UP, ada, running_api
from tests.support.malformed.every import UNFINISHED, malformed
from tests.support.malformed.raw import graphql, spread_fragments
from tests.support.processes import Server
from tests.support.servers import start_mongodb, start_redis

ROUNDS = variables.whole(os.environ, "ROUNDS", 5)
AT_ONCE, PASSES = 2, 10
PAUSE = 0.01
REPEATS = 50
FOLDER = Path("var/bench/hostile")

MOST_WAIT, MOST_GROWTH, MOST_SPREADS, MOST_LOOP = 100.0, 10.0, 15.0, 50.0
"""Milliseconds another client waits, at the 99th percentile; megabytes; milliseconds until fragments are refused, and
of the loop for the costliest document."""


def main() -> int:
    """0 when all are within their bounds."""
    with start_mongodb(FOLDER / "mongodb") as mongodb, start_redis(FOLDER) as redis, running_sink(FOLDER) as sink:
        url = mongodb.url.replace("/postberry?", f"/hostile_{os.getpid()}?")
        settings = settings_for(FOLDER, url, redis.url, sink).model_copy(update={"rate_limit_enabled": False})
        with running_api(settings) as api:
            waits, growth = asyncio.run(_attacked(api))
            spreads = asyncio.run(_spreads(api))
    loop = _costliest()
    print(f"somebody else waits {waits:.0f} ms at the 99th percentile, median of {ROUNDS} rounds")
    print(f"memory grows by {growth:.1f} MB after the first round")
    print(f"740 bytes of repeated fragment spreads are refused within {spreads:.1f} ms, median of {ROUNDS} rounds")
    return int(waits > MOST_WAIT or growth > MOST_GROWTH or spreads > MOST_SPREADS or loop > MOST_LOOP)


async def _attacked(api: Server) -> tuple[float, float]:
    """The median of the rounds, and the growth; a round more comes first, after which all is loaded."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        (await http.post("/graphql", json={"query": SIGN_UP, "variables": {"input": ada()}})).raise_for_status()
        await _round(api, http)
        before, waits = api_megabytes(api.pid), []
        for number in range(ROUNDS):
            took = await _round(api, http)
            waits.append(statistics.quantiles(took, n=100)[-1])
            print(f"round {number + 1}: {len(took)} answers, {waits[-1]:.0f} ms at the 99th percentile", flush=True)
        return statistics.median(waits), api_megabytes(api.pid) - before


async def _round(api: Server, http: httpx.AsyncClient) -> list[float]:
    """The milliseconds that somebody else waited, each time, while all of them were sent."""
    requests = iter([*malformed().items()] * PASSES)
    attack = asyncio.gather(*(_send(api, requests) for _ in range(AT_ONCE)))
    took = []
    while not attack.done():
        took.append(await _milliseconds(http))
        await asyncio.sleep(PAUSE)
    await attack
    return took


async def _milliseconds(http: httpx.AsyncClient) -> float:
    began = time.perf_counter()
    answer = await http.post("/graphql", json={"query": "{__typename}"})
    if answer.json().get("data") != {"__typename": "Query"}:
        raise RuntimeError(answer.text)
    return (time.perf_counter() - began) * 1000


async def _send(api: Server, requests: Iterator[tuple[str, bytes]]) -> None:
    for name, request in requests:
        await _answer(api, request, hangs_up=name.startswith(UNFINISHED))


async def _answer(api: Server, request: bytes, *, hangs_up: bool = False) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(api.url).port)
    with suppress(ConnectionError):  # refused in the middle of it
        writer.write(request)
        if hangs_up:
            writer.write_eof()
        return await reader.read()
    writer.close()
    return b""


async def _spreads(api: Server) -> float:
    """Milliseconds, each time in a connection of its own."""
    request, rounds = graphql(spread_fragments()), []
    for _ in range(ROUNDS):
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            if b"QUERY_TOO_COMPLEX" not in await _answer(api, request):
                raise RuntimeError("it was not refused")
            took.append((time.perf_counter() - began) * 1000)
        rounds.append(statistics.median(took))
    return statistics.median(rounds)


def _costliest() -> float:
    """Milliseconds of CPU for the costliest of the documents, which are all printed."""
    schema = create_schema()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
    figures = {}
    for name, text in COSTLY.items():
        figures[name] = _cpu(lambda text=text: Documents(QueryLimits()).prepare(schema, text))  # type: ignore[misc]  # bound at once
        print(f"{figures[name]:6.1f} ms of CPU for {name}, {len(text)} characters", flush=True)
    return max(figures.values())


def _cpu(work: Callable[[], object]) -> float:
    took = []
    for _ in range(2 * ROUNDS + 1):
        began = time.process_time()
        with suppress(GraphQLError):
            work()
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took)


def _fragments(count: int, body: str) -> str:
    return "".join(f"fragment F{n} on Query{{{body}}}" for n in range(count))


COSTLY = {
    "200 times one field": "{" + "__typename " * 200 + "}",
    "66 times one field with others below": "{" + "me{user{id}}" * 66 + "}",
    "a fragment that is not used, with 280 such": "{__typename}fragment F on Query{" + "me{user{id}}" * 280 + "}",
    "180 fragments, all spread": "{" + "".join(f"...F{n} " for n in range(180)) + "}" + _fragments(180, "__typename"),
    "an input of 600 fields that it does not have": "{products(where:{"
    + " ".join(f"a{n}:1" for n in range(600))
    + "}){nodes{id}}}",
    "a list of 1,900": "{nodes(ids:[" + "1 " * 1900 + "]){id}}",
    "480 variables": "query(" + " ".join(f"$v{n}:Int" for n in range(480)) + "){__typename}",
    "380 operations": " ".join(f"query A{n}{{__typename}}" for n in range(380)),
    "a question about the schema, 150 times": "{__schema{" + "types{fields{type{name}}}" * 150 + "}}",
    "1,990 words that are no field": "{" + "a " * 1990 + "}",
    "a name of 19,990 letters": "{" + "a" * 19_990 + "}",
    "a number of 19,000 digits": "{products(first:" + "9" * 19_000 + "){nodes{id}}}",
}
"""Documents within the limits of length and tokens, that parsing or validation takes long for."""


if __name__ == "__main__":
    sys.exit(main())
