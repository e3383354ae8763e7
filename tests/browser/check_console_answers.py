"""The console, and answers that are slow, strange, or of another time."""

import re
from secrets import token_urlsafe
from typing import Any

from odmantic import ObjectId
from playwright.sync_api import Page, Route, expect

from schema.nodes import to_global_id
from schema.times import utc_now
from tests.browser.administrator import follow, row
from tests.browser.chromium import Window
from tests.browser.documents import Kept, failed

SLOW = {"offline": False, "latency": 0, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
"""Bytes a second."""

PATIENCE = 60_000
"""Milliseconds."""

NOTHING = re.compile("There is no such|like this")
FAULT = {"message": "Something went wrong.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
ASKED = {
    f"jobs/{to_global_id('Job', ObjectId())}": "Job",
    f"orders/{to_global_id('Order', ObjectId())}": "Order",
    "jobs": "Jobs",
    "orders": "Orders",
    "catalogue": "Products",
}
"""The pages, and the operations by which they ask."""

UNKNOWN = {"message": "This server executes no such document.", "extensions": {"code": "BAD_USER_INPUT"}}
PAGE_INFO = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
STRANGE = {"jobs": {"nodes": [None], "pageInfo": PAGE_INFO}}
"""Of a server that breaks its own schema."""


def _answer(page: Page, **answer: Any) -> None:  # noqa: ANN401  (JSON)
    page.route("**/graphql", lambda route: route.fulfill(json=answer))


def _fail(route: Route) -> None:
    """All but what every page asks: lists are null as a whole, single things by themselves."""
    asked: Any = route.request.post_data_json
    name = asked["operationName"]
    if name in ASKED.values():
        return route.fulfill(
            json={"data": {name.lower(): None} if name in {"Job", "Order"} else None, "errors": [FAULT]}
        )
    return route.continue_()


def test_only_an_answer_tells_that_there_is_nothing(console: Window) -> None:
    page = console.page
    page.route("**/graphql", _fail)
    for section in ASKED:
        page.goto(re.sub("/console.*", f"/console/{section}", page.url))
        expect(page.get_by_label("Connection")).to_contain_text("Something went wrong")
        expect(page.locator("main")).to_contain_text("Loading…")
        expect(page.get_by_text(NOTHING)).to_have_count(0)
    page.unroute_all()
    expect(page.locator("main")).to_contain_text("No products like this.")


def test_a_long_answer_on_a_slow_line_is_waited_for(console: Window, kept: Kept) -> None:
    page, text = console.page, token_urlsafe(3_600_000)  # no server makes it smaller on its way than it is
    kept["jobs"].insert_one(failed("request-1", detail=text))
    link = row(page, "request-1").get_by_role("link").first
    expect(link).to_be_visible()
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    link.click()
    expect(page.get_by_label("What attempt 1 says")).to_contain_text(text[:1_000], timeout=PATIENCE)
    expect(page.get_by_label("Connection")).to_be_empty()


def test_a_page_that_cannot_be_drawn_says_so_and_is_loaded_anew(console: Window) -> None:
    page = console.page
    _answer(page, data=STRANGE)
    expect(page.get_by_role("heading", name="The console has failed")).to_be_visible()
    console.keep("console-failed-itself")
    page.unroute_all()
    page.get_by_role("button", name="Reload the page").click()
    expect(row(page, "grace@example.com")).to_be_visible()
    console.forgive("TypeError")


def test_a_server_of_another_version_is_told_of_and_ends_no_session(console: Window) -> None:
    page = console.page
    _answer(page, errors=[UNKNOWN])
    page.context.clear_cookies(name="postberry_access")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("another version")
    page.unroute_all()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_plots_know_what_was_before_they_were_looked_at(console: Window, kept: Kept) -> None:
    page, since = console.page, console.page.get_by_text("Watched since")
    kept["jobs"].insert_one(failed("request-1"))
    page.get_by_role("link", name="Failed 1").click()
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    follow(page, "System")
    said = since.inner_text()
    page.reload()
    expect(page.get_by_role("figure", name="Failed jobs 1")).to_be_visible()
    expect(since).to_have_text(said)
    page.clock.set_fixed_time(utc_now().replace(year=2020))
    expect(since).to_contain_text("2020")
    console.keep("console-system")


def test_a_filter_that_there_is_not_is_told_of_and_clear_clears_all(console: Window) -> None:
    page = console.page
    for section in ("jobs", "orders"):
        page.goto(re.sub("/console.*", f"/console/{section}?status=NONSENSE", page.url))
        expect(page.get_by_text("There is no status NONSENSE")).to_be_visible()
    follow(page, "Jobs")
    page.get_by_label("Recipient").fill("half typed")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Recipient")).to_have_value("")
