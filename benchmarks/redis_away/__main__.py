"""`make bench-redis`: orders over HTTP while Redis is there, away (its port closed) and frozen, in turns.

Each state has both programs to itself, and Redis is as it says for the whole run. A round is a time of orders as fast
as a few clients can place them, then one of orders at a moderate rate. Rates and CPU are medians of the rounds.
"""

import asyncio
import os
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.redis_away.shop import STATES, THERE, Shop, opened, running_programs
from tests.support import variables

ROUNDS = variables.whole(os.environ, "ROUNDS", 5)
SECONDS = variables.number(os.environ, "SECONDS", 5, least=1)
CLIENTS = 16
MODERATE = 20
"""Orders a second."""

LEAST_RATE, MOST_MILLISECONDS = 0.9, 1000
HEAD = ("redis", "orders/s", "ratio", "API us", "at 20/s: p50", "p95 ms", "loaded: p50", "p95 ms")
WIDTHS = "{:8}{:>10}{:>8}{:>8}{:>14}{:>8}{:>14}{:>8}"


@dataclass
class Figures:
    """All rounds of one state: orders a second, the API's CPU for each, and what letters took."""

    per_second: list[float] = field(default_factory=list)
    microseconds: list[float] = field(default_factory=list)
    moderate: list[float] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)


async def main() -> int:
    """0 when Redis is not missed: nine tenths of the orders at least, and most letters within a second."""
    figures: dict[str, Figures] = defaultdict(Figures)
    with running_programs() as programs:
        async with opened(programs) as shops:
            for shop in shops:
                await _load(shop, Figures())  # warms up
            for number in range(ROUNDS):
                for shop in shops[number % 3 :] + shops[: number % 3]:
                    await _round(number, shop, figures[shop.state])
    return _report(figures)


async def _round(number: int, shop: Shop, figures: Figures) -> None:
    await _load(shop, figures)
    await _at_a_moderate_rate(shop, figures)
    print(f"round {number + 1} {shop.state}: {figures.per_second[-1]:.0f}/s", flush=True)


async def _load(shop: Shop, figures: Figures) -> None:
    began, used = time.monotonic(), shop.api_seconds()
    counts = await asyncio.gather(*(_orders(shop, began + SECONDS) for _ in range(CLIENTS)))
    figures.per_second.append(sum(counts) / (time.monotonic() - began))
    figures.microseconds.append((shop.api_seconds() - used) / sum(counts) * 1e6)
    figures.loaded += await shop.letter_milliseconds()


async def _orders(shop: Shop, end: float) -> int:
    count = 0
    while time.monotonic() < end:
        await shop.order()
        count += 1
    return count


async def _at_a_moderate_rate(shop: Shop, figures: Figures) -> None:
    async with asyncio.TaskGroup() as orders:
        for _ in range(int(SECONDS * MODERATE)):
            orders.create_task(shop.order())
            await asyncio.sleep(1 / MODERATE)
    figures.moderate += await shop.letter_milliseconds()


def _report(figures: dict[str, Figures]) -> int:
    print(f"\n{WIDTHS.format(*HEAD)}   ({ROUNDS} rounds of {SECONDS:g} s)")
    return max(_line(state, figures[state], statistics.median(figures[THERE].per_second)) for state in STATES)


def _line(state: str, figures: Figures, normal: float) -> int:
    rate, cpu = statistics.median(figures.per_second), statistics.median(figures.microseconds)
    latencies = [*_latencies(figures.moderate), *_latencies(figures.loaded)]
    cells = [f"{rate:.0f}", f"{rate / normal:.2f}", f"{cpu:.0f}", *(f"{each:.0f}" for each in latencies)]
    print(WIDTHS.format(state, *cells), flush=True)
    return int(rate < LEAST_RATE * normal or max(latencies[0], latencies[2]) > MOST_MILLISECONDS)


def _latencies(milliseconds: list[float]) -> tuple[float, float]:
    """The median, and what 95% do not exceed."""
    return statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[-1]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
