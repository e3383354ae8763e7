"""The console in several tabs, and in the hands of others than it thinks."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.administrator import row, sign_in, sign_up
from tests.browser.chromium import Window
from tests.browser.documents import Kept
from tests.support.processes import Server

ADA, GRACE = "ada@example.com", "grace@example.com"


def _tab(context: BrowserContext, url: str, section: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/console/{section}")
    return page


def test_tabs_tell_each_other_who_signs_in_and_out(console: Window, admin: Server, kept: Kept) -> None:
    page = console.page
    sign_up(admin, ADA)
    kept["users"].update_one({"email": ADA}, {"$set": {"role": "ADMIN"}})
    other = _tab(page.context, admin.url, "catalogue")
    expect(other.get_by_text(GRACE)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("dialog", name="Your session is over")).to_be_visible()
    sign_in(page, ADA)
    expect(other.get_by_role("dialog")).to_have_count(0)
    expect(other.get_by_role("banner")).to_contain_text(ADA)
    kept["users"].update_one({"email": ADA}, {"$set": {"role": "USER"}})
    expect(other.get_by_role("heading", name="Not for this account")).to_be_visible()
    expect(page.get_by_role("heading", name="Not for this account")).to_be_visible()


def test_where_a_browser_keeps_nothing_one_signs_in_too(shown: Window, admin: Server) -> None:
    page = shown.page
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get: () => {throw new DOMException('No.', 'SecurityError')}})"
    )
    page.goto(f"{admin.url}/console")
    page.context.set_offline(True)
    page.get_by_label("E-mail").fill(GRACE)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("no network")
    expect(page.get_by_text("goes on by itself")).to_have_count(0)
    page.context.set_offline(False)
    sign_in(page)
    expect(row(page, GRACE)).to_be_visible()
    shown.forgive("net::ERR_INTERNET_DISCONNECTED")


def test_what_a_form_says_of_the_network_goes_with_it(console: Window) -> None:
    page, header = console.page, console.page.get_by_role("banner")
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign out").click()
    expect(header.get_by_role("alert")).to_contain_text("no network")
    page.context.set_offline(False)
    expect(header.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("Connection")).to_be_empty()
    console.forgive("net::ERR_INTERNET_DISCONNECTED")
