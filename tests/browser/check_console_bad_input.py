"""The console, and what nobody wishes for: no network, servers in trouble, sessions that end, data without measure."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from odmantic import ObjectId
from playwright.sync_api import Page, Request, Route, expect

from schema.nodes import to_global_id
from schema.times import utc_now
from tests.browser.administrator import row, sign_in_again, sign_up
from tests.browser.chromium import Window
from tests.browser.documents import HTML, MANY, Kept, failed, insert_html, insert_many, number
from tests.support.catalog import Document
from tests.support.processes import Server

LONG = "Line.\n" * 850_000
"""Of five megabytes."""

FAULT = {"message": "Something went wrong.", "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "of-500"}}
LIMITED = {"message": "Too many requests.", "extensions": {"code": "RATE_LIMITED", "requestId": "of-429"}}
TROUBLES: dict[str, dict[str, Any]] = {
    "Something went wrong. (request of-500)": {"status": 500, "json": {"data": None, "errors": [FAULT]}},
    "Too many requests. (request of-429)": {"status": 429, "json": {"errors": [LIMITED]}},
    "Something else answers than the server": {"status": 200, "content_type": "text/html", "body": "<h1>Hello</h1>"},
    "The server answers with an error, status 503.": {"status": 503, "content_type": "text/html", "body": "<h1>No"},
}
"""What the page says of answers, those of the API itself and those of proxies."""

NOTHING = re.compile("There is no such|like this|Loading")
NO_JOB, NO_PAGE, NO_CURSOR = "There is no such job.", "There is nothing at this address.", "This is not a cursor"
ADDRESSES = {
    f"jobs/{to_global_id('Job', ObjectId())}": NO_JOB,
    "jobs/nothing": "This is not the id of a Job.",
    "jobs/%E0%A4%A": NO_PAGE,
    "jobs/nothing/nothing": NO_PAGE,
    "nothing": NO_PAGE,
    "orders?after=nothing": NO_CURSOR,
    "catalogue?after=nothing": NO_CURSOR,
    "jobs?recipient=100%2525&before=nothing": NO_CURSOR,
}


def _open(page: Page, job: Document) -> None:
    page.goto(urljoin(page.url, f"/console/jobs/{to_global_id('Job', job['_id'])}"))


def _follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def _asks(request: Request, name: str) -> bool:
    asked: Any = request.post_data_json if request.method == "POST" else {}
    return bool(asked.get("operationName") == name)


def _expect_calm(page: Page) -> None:
    """Nothing is wrong, and nothing that was typed is lost."""
    expect(page.get_by_label("Connection")).to_be_empty()
    expect(page.get_by_label("Recipient")).to_have_value("half typed")


def test_a_token_that_expired_is_renewed_unseen_and_a_session_that_was_ended_is_begun_anew(
    console: Window, admin: Server, kept: Kept
) -> None:
    page = console.page
    page.get_by_label("Recipient").fill("half typed")
    with page.expect_request(lambda request: _asks(request, "Refresh")):
        page.context.clear_cookies(name="postberry_access")  # as the browser itself when its time has come
    expect(row(page, sign_up(admin, "ada@example.com"))).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    _expect_calm(page)
    kept["sessions"].update_many({}, {"$set": {"ended_at": utc_now()}})
    sign_in_again(page)
    expect(row(page, sign_up(admin, "eve@example.com"))).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    _expect_calm(page)


def test_without_a_network_all_stays_and_goes_on_when_there_is_one(console: Window, admin: Server) -> None:
    page = console.page
    page.get_by_label("Recipient").fill("half typed")
    page.context.set_offline(True)
    expect(page.get_by_label("Connection")).to_contain_text("This device has no network.")
    expect(row(page, "grace@example.com")).to_be_visible()
    console.keep("console-offline")
    missed = sign_up(admin, "ada@example.com")
    page.context.set_offline(False)
    expect(row(page, missed)).to_be_visible()
    _expect_calm(page)
    console.forgive("net::ERR_INTERNET_DISCONNECTED")


def _answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(**answer)


def test_a_server_in_trouble_is_told_of_and_all_goes_on_when_that_is_over(console: Window, kept: Kept) -> None:
    page, main = console.page, console.page.locator("main")
    figure = page.get_by_role("figure", name="Failed jobs 1")
    kept["jobs"].insert_one(failed("request-1"))
    _follow(page, "System")
    expect(figure).to_be_visible()
    for said, answer in TROUBLES.items():
        page.unroute_all()
        page.route("**/graphql", _answering(answer))
        expect(page.get_by_label("Connection")).to_contain_text(said)
        expect(figure).to_be_visible()
    console.keep("console-trouble")
    _follow(page, "Catalogue")
    expect(main).to_contain_text("Loading…")
    page.unroute_all()
    expect(main).to_contain_text("No products like this.")
    expect(page.get_by_label("Connection")).to_be_empty()
    console.forgive("the server responded with a status of")


class _Lossy:
    """A way that loses the first retry of a job, after which no job is found, and the answer to the second."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, route: Route) -> None:
        """Handle one request."""
        if self.tries == 1 and _asks(route.request, "Job"):
            return route.fulfill(json={"data": {"job": None}, "errors": [FAULT]})
        if not _asks(route.request, "JobRetry"):
            return route.continue_()
        self.tries += 1
        if self.tries > 1:
            route.fetch()
        return route.fulfill(status=503, content_type="text/html", body="<h1>No")


def test_what_was_lost_on_its_way_is_pressed_again_and_done_once(console: Window, kept: Kept) -> None:
    page, lossy, job = console.page, _Lossy(), failed("request-1")
    kept["jobs"].insert_one(job)
    _open(page, job)
    page.route("**/graphql", lossy)
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("main").get_by_role("alert")).to_contain_text("status 503. Try again.")
    assert kept["jobs"].find_one({"_id": job["_id"]}, {"status": 1}) == {"_id": job["_id"], "status": "FAILED"}
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("main")).to_contain_text("Queued")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert kept["jobs"].count_documents({"status": "QUEUED", "request_id": "request-1"}) == 1
    assert lossy.tries == 2
    console.forgive("the server responded with a status of 503")


def test_of_a_hundred_thousand_jobs_the_page_has_those_it_shows(console: Window, kept: Kept) -> None:
    page, body = console.page, console.page.locator("tbody")
    insert_many(kept)
    expect(row(page, number(MANY - 1))).to_be_visible()
    _follow(page, "Older")
    expect(row(page, number(MANY - 21))).to_be_visible()
    expect(body.get_by_role("row")).to_have_count(20)
    _follow(page, "Newest")
    expect(row(page, number(MANY - 1))).to_be_visible()
    page.get_by_label("Status").select_option("CANCELLED")
    expect(row(page, number(MANY - 1_000))).to_be_visible()
    expect(body.get_by_text("Cancelled")).to_have_count(20)
    assert page.locator("*").count() < 1_000
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Request id").fill(number(7))
    page.get_by_role("button", name="Filter").click()
    expect(body.get_by_role("row")).to_have_count(1)
    expect(row(page, number(7))).to_be_visible()


def test_an_error_text_of_five_megabytes_is_cut_and_can_be_had_whole(console: Window, kept: Kept) -> None:
    page, text = console.page, console.page.get_by_label("What attempt 1 says")
    job = failed("request-1", detail=LONG)
    kept["jobs"].insert_one(job)
    _open(page, job)
    expect(text).to_contain_text("Line.")
    assert len(text.inner_text()) < 3_000
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("button", name="Show less")).to_be_visible()
    assert 3_000 < len(text.inner_text()) < len(LONG) / 10
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="in a new tab").click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("pre").text_content() == LONG
    _follow(page, "Jobs")
    page.get_by_label("Status").select_option("FAILED")
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)


def test_names_are_text_wherever_they_show(console: Window, kept: Kept) -> None:
    page, main = console.page, console.page.locator("main")
    _open(page, insert_html(kept))
    expect(page.get_by_label("What attempt 1 says")).to_have_text(HTML)
    expect(main.get_by_text(HTML)).to_have_count(6)
    main.get_by_role("link", name=HTML).first.click()
    expect(page.get_by_label("Recipient")).to_have_value(HTML)
    expect(main.get_by_text(HTML)).to_have_count(4)
    expect(page).to_have_title("Jobs · Postberry")
    _follow(page, "Catalogue")
    expect(main.get_by_text(HTML)).to_have_count(2)
    console.keep("console-catalogue")
    _follow(page, "System")
    expect(main.get_by_text(HTML)).to_have_count(2)
    _follow(page, "Orders")
    expect(main.get_by_text(HTML)).to_have_count(1)
    _follow(page, "1-HTML")
    expect(main.get_by_text(HTML)).to_have_count(2)
    expect(page).to_have_title("Order 1-HTML · Postberry")


def test_an_address_of_nothing_says_so_and_leads_on(console: Window, admin: Server) -> None:
    page = console.page
    for address, said in ADDRESSES.items():
        page.goto(f"{admin.url}/console/{address}")
        expect(page.locator("main")).to_contain_text(said)
        expect(page.get_by_text(NOTHING)).to_have_count(1 if said == NO_JOB else 0)
    expect(page.get_by_label("Recipient")).to_have_value("100%25")
    _follow(page, "Newest")
    expect(page.locator("main")).to_contain_text("No jobs like this.")
    page.get_by_role("button", name="Clear").click()
    expect(row(page, "grace@example.com")).to_be_visible()


def test_a_socket_that_nothing_needs_any_more_is_not_waited_for(console: Window, admin: Server) -> None:
    page = console.page
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    admin.stop()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    _follow(page, "System")
    expect(page.get_by_text("Reconnecting…")).to_have_count(0)
