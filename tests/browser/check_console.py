"""The console as an administrator works with it."""

from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from settings.config import Settings
from tests.browser.administrator import row, sign_in_again, sign_up
from tests.browser.chromium import Window, window
from tests.support.application import running_api
from tests.support.processes import Server
from tests.support.smtp import SmtpSink
from tests.support.worker import running_worker


def test_a_letter_goes_from_queued_to_succeeded_before_ones_eyes(
    console: Window, admin: Server, settings: Settings
) -> None:
    letter = row(console.page, sign_up(admin, "ada@example.com"))
    expect(letter).to_contain_text("Queued")
    with running_worker(settings):
        expect(letter).to_contain_text("Succeeded")
    console.keep("console-jobs")


def test_a_failed_job_is_opened_and_retried(
    console: Window, admin: Server, settings: Settings, smtp_sink: SmtpSink
) -> None:
    page = console.page
    smtp_sink.refuse_next("550 5.1.1 nobody here", times=2)  # Grace's, too
    letter = row(page, sign_up(admin, "ada@example.com"))
    with running_worker(settings):
        expect(letter).to_contain_text("Failed")
        letter.get_by_role("link").first.click()
        expect(page.get_by_text("nobody here").first).to_be_visible()
        console.keep("console-failed")
        page.get_by_role("button", name="Retry").click()
        expect(page.locator("main")).to_contain_text("Succeeded")


def test_a_server_that_went_away_is_told_of_and_all_goes_on_when_it_is_back(
    console: Window, admin: Server, settings: Settings
) -> None:
    page = console.page
    letter = row(page, sign_up(admin, "ada@example.com"))
    expect(letter).to_contain_text("Queued")
    page.get_by_label("Recipient").fill("half typed")
    admin.stop()
    expect(page.get_by_label("Connection")).to_contain_text("does not answer")
    console.keep("console-away")
    with running_api(settings, urlsplit(admin.url).port or 0):
        expect(page.get_by_label("Connection")).to_be_empty(timeout=60_000)
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
        with running_worker(settings):
            expect(letter).to_contain_text("Succeeded", timeout=60_000)
        expect(page.get_by_label("Recipient")).to_have_value("half typed")


def test_a_session_that_is_over_is_begun_anew_where_one_was(console: Window) -> None:
    page = console.page
    page.get_by_label("Recipient").fill("half typed")
    page.context.clear_cookies()
    sign_in_again(page)
    expect(page.get_by_label("Recipient")).to_have_value("half typed")


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
    sign_up(api, "ada@example.com")
    shown.page.goto(f"{api.url}/console")
    shown.page.get_by_label("E-mail").fill("ada@example.com")
    shown.page.get_by_label("Password").fill("correct horse")
    shown.page.get_by_role("button", name="Sign in").click()
    expect(shown.page.get_by_text("administrator")).to_be_visible()
