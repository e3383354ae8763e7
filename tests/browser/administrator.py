"""Grace, who works with the console, and what others do meanwhile."""

from typing import Any
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Locator, Page, expect

from schema.nodes import to_global_id
from tests.support.application import SIGN_UP, ada
from tests.support.catalog import Document
from tests.support.processes import Server


def sign_up(api: Server, email: str, name: str = "Ada") -> str:
    """The id of the request, which its letter has too."""
    form: dict[str, Any] = {"query": SIGN_UP, "variables": {"input": ada(email=email, name=name)}}
    answer = httpx.post(f"{api.url}/graphql", json=form, timeout=30)
    assert answer.json()["data"]["userSignUp"]["userErrors"] == []
    return answer.headers["X-Request-ID"]


def sign_in(page: Page, email: str = "grace@example.com") -> None:
    """From the form to the jobs."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()


def sign_in_again(page: Page) -> None:
    """In the dialog that comes when a session is over."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=60_000)
    dialog.get_by_label("Password").fill("correct horse")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()


def row(page: Page, text: str) -> Locator:
    """The row of a table that has this text."""
    return page.get_by_role("row").filter(has_text=text)


def visit(page: Page, section: str, type_name: str, document: Document) -> None:
    """The page of this one thing."""
    page.goto(urljoin(page.url, f"/console/{section}/{to_global_id(type_name, document['_id'])}"))


def follow(page: Page, name: str) -> None:
    """A link of this name."""
    page.get_by_role("link", name=name, exact=True).click()
