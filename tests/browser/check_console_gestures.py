"""The console, and hands that are quicker than meant: double clicks, keys held down, Escape."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.administrator import follow, sign_in_again, visit
from tests.browser.chromium import Window
from tests.browser.documents import Kept, failed, insert_order

SHIP = "Mark as shipped"


def _click_until(page: Page, button: Locator, said: str) -> None:
    """Click where the button is, as fast as can be, until the page says so, and three times more."""
    expect(button).to_be_enabled()
    button.hover()  # where the mouse stays
    for count in range(1_000):
        _click(page, count % 2 + 1)
        if said in page.locator("main").inner_text():
            break
    for _ in range(3):
        _click(page, 1)


def _click(page: Page, count: int) -> None:
    page.mouse.down(click_count=count)
    page.mouse.up(click_count=count)


def _statuses(kept: Kept) -> list[str]:
    order, letters = kept["orders"].find_one() or {}, kept["jobs"].find({"kind": "ORDER_STATUS_EMAIL"})
    return [order["status"], *sorted(letter["payload"]["status"] for letter in letters)]


def test_one_gesture_is_one_step_of_an_order(console: Window, kept: Kept) -> None:
    page, order = console.page, insert_order(kept)
    visit(page, "orders", "Order", order)
    _click_until(page, page.get_by_role("button", name="Mark as paid"), "Paid")
    expect(page.get_by_role("button", name=SHIP)).to_be_enabled()
    page.get_by_role("button", name=SHIP).focus()
    page.keyboard.down("Enter")
    for _ in range(5):
        page.keyboard.down("Enter")  # as a key that is held down
    page.keyboard.up("Enter")
    dialog = page.get_by_role("dialog", name=SHIP)
    expect(dialog).to_contain_text("letter")
    assert _statuses(kept) == ["PAID", "PAID"]
    console.keep("console-really")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=SHIP)).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name=SHIP)).to_be_enabled()
    dialog.get_by_role("button", name=SHIP).press("Enter")
    expect(page.get_by_text("Shipped", exact=True)).to_be_visible()
    assert _statuses(kept) == ["SHIPPED", "PAID", "SHIPPED"]


def test_one_gesture_retries_a_job_and_does_not_cancel_it(console: Window, kept: Kept) -> None:
    page, job = console.page, failed("request-1")
    kept["jobs"].insert_one(job)
    visit(page, "jobs", "Job", job)
    _click_until(page, page.get_by_role("button", name="Retry"), "Queued")
    expect(page.get_by_role("button", name="Cancel job")).to_be_enabled()
    assert kept["jobs"].count_documents({"request_id": "request-1", "status": "QUEUED"}) == 1
    page.get_by_role("button", name="Cancel job").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_enabled()


def test_escape_does_not_close_what_asks_to_sign_in_again(console: Window) -> None:
    page = console.page
    page.context.clear_cookies()
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Escape")
    sign_in_again(page)
    follow(page, "Catalogue")
    expect(page.locator("main")).to_contain_text("No products like this.")
