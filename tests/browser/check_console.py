"""The console as an administrator works with it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pymongo import MongoClient

from settings.config import Settings
from tests.browser.chromium import PATIENCE, Window, window
from tests.support.application import SIGN_UP, ada, running_api
from tests.support.catalog import category_document, product_document
from tests.support.processes import Server
from tests.support.smtp import SmtpSink
from tests.support.worker import running_worker

HTML = '<img src=x onerror="document.title=1">'

expect.set_options(timeout=PATIENCE)


@pytest.fixture(name="admin")
def _admin(api: Server, settings: Settings) -> Server:
    """The API, with an administrator."""
    _sign_up(api, "grace@example.com", "Grace")
    with MongoClient[dict[str, Any]](settings.db_url) as mongodb:
        database = mongodb.get_default_database()
        database["users"].update_one({"email": "grace@example.com"}, {"$set": {"role": "ADMIN"}})
        lighting = category_document()
        database["categories"].insert_one(lighting)
        database["products"].insert_one(product_document((lighting["_id"],), name=f"Lamp {HTML}"))
    return api


@pytest.fixture(name="console")
def _console(admin: Server, shown: Window) -> Iterator[Window]:
    """Signed in; a page that loses its server may say so in its console, and nothing else."""
    shown.page.goto(f"{admin.url}/console")
    _sign_in(shown.page)
    yield shown
    shown.complaints[:] = [each for each in shown.complaints if "net::ERR_CONNECTION" not in each]


def _sign_up(api: Server, email: str, name: str = "Ada") -> str:
    """The id of the request, which its letter has too."""
    form = {"query": SIGN_UP, "variables": {"input": ada(email=email, name=name)}}
    answer = httpx.post(f"{api.url}/graphql", json=form, timeout=30)
    assert answer.json()["data"]["userSignUp"]["userErrors"] == []
    return answer.headers["X-Request-ID"]


def _sign_in(page: Page) -> None:
    page.get_by_label("E-mail").fill("grace@example.com")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()


def _row(page: Page, request_id: str) -> Locator:
    return page.get_by_role("row").filter(has_text=request_id)


def test_a_letter_goes_from_queued_to_succeeded_before_ones_eyes(
    console: Window, admin: Server, settings: Settings
) -> None:
    row = _row(console.page, _sign_up(admin, "ada@example.com"))
    expect(row).to_contain_text("Queued")
    with running_worker(settings):
        expect(row).to_contain_text("Succeeded")
    console.keep("console-jobs")


def test_a_failed_job_is_opened_and_retried(
    console: Window, admin: Server, settings: Settings, smtp_sink: SmtpSink
) -> None:
    page = console.page
    smtp_sink.refuse_next("550 5.1.1 nobody here", times=2)  # Grace's, too
    row = _row(page, _sign_up(admin, "ada@example.com"))
    with running_worker(settings):
        expect(row).to_contain_text("Failed")
        row.get_by_role("link").first.click()
        expect(page.get_by_text("nobody here").first).to_be_visible()
        console.keep("console-failed")
        page.get_by_role("button", name="Retry").click()
        expect(page.locator("main")).to_contain_text("Succeeded")


def test_a_server_that_went_away_is_told_of_and_all_goes_on_when_it_is_back(
    console: Window, admin: Server, settings: Settings
) -> None:
    page = console.page
    row = _row(page, _sign_up(admin, "ada@example.com"))
    expect(row).to_contain_text("Queued")
    page.get_by_label("Recipient").fill("half typed")
    admin.stop()
    expect(page.get_by_label("Connection")).to_contain_text("does not answer")
    console.keep("console-away")
    with running_api(settings, urlsplit(admin.url).port or 0), running_worker(settings):
        expect(page.get_by_label("Connection")).to_be_empty(timeout=60_000)
        expect(row).to_contain_text("Succeeded", timeout=60_000)
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
        expect(page.get_by_label("Recipient")).to_have_value("half typed")


def test_a_session_that_is_over_is_begun_anew_where_one_was(console: Window) -> None:
    page = console.page
    page.get_by_label("Recipient").fill("half typed")
    page.context.clear_cookies()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=60_000)
    dialog.get_by_label("Password").fill("correct horse")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Recipient")).to_have_value("half typed")


def test_names_are_text_whatever_is_in_them(console: Window) -> None:
    page = console.page
    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_text(f"Lamp {HTML}")).to_be_visible()
    console.keep("console-catalogue")
    expect(page).to_have_title("Catalogue · Postberry")


def test_it_is_worked_by_keyboard_and_dark_where_one_likes_it_dark(browser: Browser, admin: Server) -> None:
    with window(browser, color_scheme="dark") as opened:
        page = opened.page
        page.goto(f"{admin.url}/console")
        expect(page.get_by_label("E-mail")).to_be_focused()
        page.keyboard.type("grace@example.com")
        page.keyboard.press("Tab")
        page.keyboard.type("correct horse")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
        page.get_by_role("link", name="System").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="System")).to_be_visible()
        opened.keep("console-system-dark")
        assert opened.complaints == []


def test_who_may_not_read_jobs_is_told_so(shown: Window, api: Server) -> None:
    _sign_up(api, "ada@example.com")
    shown.page.goto(f"{api.url}/console")
    shown.page.get_by_label("E-mail").fill("ada@example.com")
    shown.page.get_by_label("Password").fill("correct horse")
    shown.page.get_by_role("button", name="Sign in").click()
    expect(shown.page.get_by_text("administrator")).to_be_visible()
