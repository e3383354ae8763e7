"""`make bench-views`: milliseconds until a browser on this machine shows the first view of each page.

From the address until what a person waits for is there, with nothing in the browser's cache, and with what it keeps.
Medians of the rounds.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from benchmarks.letters.measure import running_sink
from benchmarks.letters.postberry import settings_for
from tests.browser.chromium import chromium, window
from tests.support import variables
from tests.support.application import running_api
from tests.support.processes import Server
from tests.support.servers import start_mongodb, start_redis

ROUNDS = variables.whole(os.environ, "ROUNDS", 5)
FOLDER = Path("var/bench/views")
MOST_MILLISECONDS = 1_000


def _example(page: Page) -> Locator:
    return page.locator(".graphiql-query-editor .view-line").first


def _form(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign in")


VIEWS = {"GraphiQL": ("/graphql", _example), "console": ("/console", _form)}
"""Where each page is, and what one waits for: an example in the editor, the form to sign in."""


def main() -> int:
    """0 when each is there in time."""
    with _api() as api, chromium() as browser:
        rounds = {name: [_round(browser, api, name) for _ in range(ROUNDS)] for name in VIEWS}
    medians = {name: [statistics.median(each) for each in zip(*every, strict=True)] for name, every in rounds.items()}
    for name, (first, again) in medians.items():
        print(f"{name}: {first:.0f} ms, again {again:.0f} ms")
    return int(any(each > MOST_MILLISECONDS for every in medians.values() for each in every))


@contextmanager
def _api() -> Iterator[Server]:
    with ExitStack() as stack:
        mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
        redis = stack.enter_context(start_redis(FOLDER))
        sink = stack.enter_context(running_sink(FOLDER))
        settings = settings_for(FOLDER, mongodb.url, redis.url, sink).model_copy(update={"allow_debug": True})
        yield stack.enter_context(running_api(settings))


def _round(browser: Browser, api: Server, name: str) -> tuple[float, float]:
    """By a browser that has never been there, and then once more by the same."""
    path, awaited = VIEWS[name]
    with window(browser) as opened:
        return tuple(_milliseconds(opened.page, f"{api.url}{path}", awaited(opened.page)) for _ in range(2))  # type: ignore[return-value]  # two


def _milliseconds(page: Page, url: str, awaited: Locator) -> float:
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    awaited.wait_for()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
