"""Lists of products, of a thousand and of a million: `make bench-lists`.

Two API processes answer over HTTP, one for each database on one MongoDB, and are asked in turns. Each figure is a
median; the ratios are against the first page of the same list of a thousand.
"""

import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.collection import Collection

from benchmarks.cases import cases, variables
from schema.cursors import Cursors
from schema.products.search.branches import search
from schema.products.search.filters import ProductFilter, ProductSort
from schema.products.search.leads import Leads
from schema.products.service import SORTS
from settings import config
from settings.config import Settings
from tests.support.application import running_api
from tests.support.servers import start_mongodb, start_redis

FOLDER = Path("var/bench")
FEW, MANY = 1_000, 1_000_000
ROUNDS = 11
PAGE = 20
DEEP = 10_000
MOST = 3
"""How much longer any page of a million may take."""

QUERY = """
query($where: ProductWhere, $sort: ProductSort!, $after: String) {
  products(where: $where, sortBy: $sort, after: $after) {
    nodes { id name price { amount } category { name } } pageInfo { hasNextPage endCursor }
  }
}"""

Document = dict[str, Any]


@dataclass(frozen=True)
class Shop:
    """One database and the API that serves it."""

    products: Collection[Document]
    http: httpx.Client
    cursors: Cursors

    def milliseconds(self, where: Document, order: ProductSort, after: str | None = None) -> float:
        """How long one page took."""
        body = {"query": QUERY, "variables": {"where": variables(where), "sort": order.value, "after": after}}
        began = time.perf_counter()
        answer = self.http.post("/graphql", json=body).json()
        took = (time.perf_counter() - began) * 1000
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        return took

    def page(self, where: Document, order: ProductSort) -> tuple[int, str | None]:
        """A page far behind, the last one if there are fewer: its number, and the cursor before it."""
        sort = SORTS[order]
        leads = Leads("EUR", sorted_by_price=sort.index == "by_price")
        wanted = search(ProductFilter.model_validate(where), leads)
        query = {"$and": [{"$or": wanted.branches}, wanted.condition]}
        found = self.products.find(query, {key: 1 for key, _ in sort.keys}, hint=sort.index).sort(sort.keys)
        ahead = list(found.limit(DEEP * PAGE))
        number = max(1, (len(ahead) - 1) // PAGE)
        after = ahead[(number - 1) * PAGE - 1] if number > 1 else None
        name = f"products {sort.name} {sort.keys}"
        return number, self.cursors.encode(name, sort.values(after)) if after else None


def main() -> int:
    """0 when no list took longer than it may."""
    with ExitStack() as stack:
        few, many = _shops(stack)
        print(f"{'list':24}{'order':17}{'of 1,000':>10}{'page 1':>10}{'ratio':>7}{'page':>8}{'ms':>9}{'ratio':>7}")
        ratios = [
            ratio
            for name, where in cases(many.products.database).items()
            for order in ProductSort
            for ratio in _compare(name, where, order, few, many)
        ]
    above = sum(ratio > MOST for ratio in ratios)
    print(
        f"{len(ratios)} ratios: median {statistics.median(ratios):.2f}, above {MOST}: {above}, worst {max(ratios):.2f}"
    )
    return int(above > 0)


def _compare(name: str, where: Document, order: ProductSort, few: Shop, many: Shop) -> tuple[float, float]:
    number, after = many.page(where, order)
    small, first, deep = [], [], []
    for _ in range(ROUNDS):
        small.append(few.milliseconds(where, order))
        first.append(many.milliseconds(where, order))
        deep.append(many.milliseconds(where, order, after))
    base, one, other = (statistics.median(times) for times in (small, first, deep))
    print(
        f"{name:24}{order.value:17}{base:10.2f}{one:10.2f}{one / base:7.2f}{number:8}{other:9.2f}{other / base:7.2f}",
        flush=True,
    )
    return one / base, other / base


def _shops(stack: ExitStack) -> tuple[Shop, Shop]:
    mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb", cache_gigabytes=4))
    redis = stack.enter_context(start_redis(FOLDER))
    return _shop(stack, mongodb.url, redis.url, FEW), _shop(stack, mongodb.url, redis.url, MANY)


def _shop(stack: ExitStack, mongodb_url: str, redis_url: str, size: int) -> Shop:
    folder = FOLDER / str(size)
    settings = config.load().model_copy(
        update={
            "db_url": mongodb_url.replace("/postberry?", f"/products_{size}?"),
            "redis_url": redis_url,
            "storage_url": f"file://{(folder / 'storage').resolve()}",
            "log_dir": (folder / "logs").resolve(),
            "rate_limit_enabled": False,
        }
    )
    _seed(settings, size)
    api = stack.enter_context(running_api(settings))
    mongodb = stack.enter_context(MongoClient[Document](settings.db_url, tz_aware=True))
    http = stack.enter_context(httpx.Client(base_url=api.url, timeout=60))
    return Shop(mongodb.get_default_database()["products"], http, Cursors.of(settings.signing_secret))


def _seed(settings: Settings, size: int) -> None:
    environment = os.environ | {"DB_URL": settings.db_url, "STORAGE_URL": settings.storage_url}
    subprocess.run([sys.executable, "-m", "tests.support.seed", str(size)], check=True, env=environment)


if __name__ == "__main__":
    sys.exit(main())
